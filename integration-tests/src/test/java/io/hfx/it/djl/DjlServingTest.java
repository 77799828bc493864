package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** The plugin folder in a real DJL Serving. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class DjlServingTest {
    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";

    @TempDir Path folder;

    @Test
    void modelsAnswerAsBefore() throws Exception {
        try (DjlServer server = new DjlSetup(folder).onnx("double", ONE_WORKER).start()) {
            HttpResponse<String> answer = server.post("/predictions/double", "[[1,2,3]]", Map.of());
            assertEquals(200, answer.statusCode());
            assertEquals("{\"predictions\":[[2.0,4.0,6.0]]}", answer.body());
            assertTrue(server.log().contains("model double is scheduled"), server.log());
            assertEquals(200, server.get("/ping").statusCode());
        }
    }

    @Test
    void whatCannotBeMetIsRefusedAsTooManyRequests() throws Exception {
        Path classes = folder.resolve("classes.json");
        Files.writeString(
                classes,
                "{\"classes\":[{\"name\":\"tight\",\"e2e_ms\":300,\"on_miss\":\"reject\"}]}");
        DjlSetup setup =
                new DjlSetup(folder)
                        .fixedTime("slow", 200_000, ONE_WORKER)
                        .with("hfx_slo_classes", classes);
        try (DjlServer server = setup.start()) {
            for (int i = 0; i < 10; i++) {
                server.post("/predictions/slow", "x", Map.of());
            }
            List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                sent.add(
                        server.postAsync("/predictions/slow", "x", Map.of("x-slo-class", "tight")));
            }
            int refused = 0;
            for (CompletableFuture<HttpResponse<String>> each : sent) {
                HttpResponse<String> answer = each.get();
                if (answer.statusCode() != 200) {
                    refused++;
                    assertEquals(429, answer.statusCode(), answer.body());
                    assertEquals(
                            "slo-out-of-reach",
                            answer.headers().firstValue("x-hfx-reason").orElse(""));
                    assertTrue(answer.headers().firstValue("Retry-After").isPresent());
                }
            }
            assertTrue(refused >= 4, "only " + refused + " of 8 were refused");
            assertEquals(200, server.get("/ping").statusCode());
        }
    }

    @Test
    void aMalformedObjectiveIsNamed() throws Exception {
        try (DjlServer server = new DjlSetup(folder).onnx("double", ONE_WORKER).start()) {
            HttpResponse<String> answer =
                    server.post("/predictions/double", "[[1]]", Map.of("x-slo-e2e-ms", "soon"));
            assertEquals(400, answer.statusCode());
            assertTrue(answer.body().contains("x-slo-e2e-ms must be"), answer.body());
        }
    }

    @Test
    void jobsAreBatchedAsTheModelAllows() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder).fixedTime("batched", 50_000, ONE_WORKER, "batch_size=4");
        try (DjlServer server = setup.start()) {
            List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                sent.add(server.postAsync("/predictions/batched", "x", Map.of()));
            }
            int full = 0;
            for (CompletableFuture<HttpResponse<String>> each : sent) {
                HttpResponse<String> answer = each.get();
                assertEquals(200, answer.statusCode(), answer.body());
                full += answer.body().contains(" of 4") ? 1 : 0;
            }
            assertTrue(full >= 4, "only " + full + " of 12 ran in a batch of 4");
        }
    }

    @Test
    void aModelThatIsDeletedAnswersWhatWaits() throws Exception {
        DjlSetup setup = new DjlSetup(folder).fixedTime("slow", 300_000, ONE_WORKER);
        try (DjlServer server = setup.start()) {
            List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                sent.add(server.postAsync("/predictions/slow", "x", Map.of()));
            }
            sent.get(0).get();
            assertEquals(200, server.send("DELETE", "/models/slow").statusCode());
            for (CompletableFuture<HttpResponse<String>> each : sent) {
                each.get();
            }
        }
    }

    @Test
    void switchedOffItLeavesTheServerAlone() throws Exception {
        DjlSetup setup = new DjlSetup(folder).onnx("double", ONE_WORKER).with("hfx_enabled", false);
        try (DjlServer server = setup.start()) {
            assertEquals(200, server.post("/predictions/double", "[[1]]", Map.of()).statusCode());
            assertFalse(server.log().contains("is scheduled"), server.log());
            assertTrue(server.log().contains("HFX is off"), server.log());
        }
    }

    @Test
    void aMistakeInTheConfigurationIsNamedAndTheServerGoesOn() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .onnx("double", ONE_WORKER)
                        .with("hfx_slo_classes", folder.resolve("nowhere.json"));
        try (DjlServer server = setup.start()) {
            assertEquals(200, server.post("/predictions/double", "[[1]]", Map.of()).statusCode());
            assertTrue(server.log().contains("nowhere.json"), server.log());
        }
    }
}
