package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** Wrong keys in a real DJL Serving are named, and right ones have their effect. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class KeysTest {
    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";

    @TempDir Path folder;

    private DjlSetup setup() throws IOException {
        return new DjlSetup(folder).onnx("double", ONE_WORKER);
    }

    /** A model's folder that no server loads by itself. */
    private Path model(String name, String text) throws IOException {
        Path into = Files.createDirectories(folder.resolve("more").resolve(name));
        Files.writeString(
                into.resolve("serving.properties"),
                "engine=FixedTime\noption.serviceMicros=1000\n" + ONE_WORKER + "\n" + text + "\n");
        return into;
    }

    /**
     * On a connection of its own: where a load fails, the server writes its failure and the answer
     * of the registration, in the order in which they come, and whoever asks next on that
     * connection is given the second.
     */
    private static HttpResponse<String> register(DjlServer server, Path model, String more)
            throws Exception {
        String name = model.getFileName().toString();
        String path = "/models?model_name=" + name + "&url=" + model.toUri() + more;
        HttpRequest request =
                HttpRequest.newBuilder(server.uri(path))
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static void awaitGone(DjlServer server, String model) throws Exception {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (server.get("/models").body().contains('"' + model + '"')) {
            assertTrue(System.nanoTime() < endNanos, server.log());
        }
    }

    private static List<String> lines(DjlServer server, String part) throws IOException {
        return server.log().lines().filter(line -> line.contains(part)).toList();
    }

    @Test
    void anUnknownServerKeyIsNamedInOneLineAndTheServerStaysStock() throws Exception {
        try (DjlServer server = setup().with("hfx_slo_clases", "a.json").start()) {
            assertEquals(200, server.post("/predictions/double", "[[1]]", Map.of()).statusCode());
            List<String> said = lines(server, "HFX is off");
            assertEquals(1, said.size(), server.log());
            assertTrue(said.get(0).contains("config.properties: unknown key hfx_slo_clases"));
            assertTrue(said.get(0).contains("did you mean hfx_slo_classes?"), said.get(0));
            assertEquals(List.of(), lines(server, "ConfigException"));
            assertEquals(List.of(), lines(server, "is scheduled"));
        }
    }

    @Test
    void aVariableOfTheEnvironmentIsReadAsAKey() throws Exception {
        DjlSetup wrong = setup().environment("SERVING_HFX_DEADLINE_MARGIN", "3");
        try (DjlServer server = wrong.start()) {
            List<String> said = lines(server, "HFX is off");
            assertEquals(1, said.size(), server.log());
            assertTrue(
                    said.get(0).contains("SERVING_HFX_DEADLINE_MARGIN: hfx_deadline_margin must"),
                    said.get(0));
        }
    }

    @Test
    void aModelWithAWrongKeyIsRefusedAndNotListed() throws Exception {
        Path wrong = model("wrong", "hfx.max_waiting=0");
        try (DjlServer server = setup().start()) {
            HttpResponse<String> answer = register(server, wrong, "");
            assertEquals(400, answer.statusCode(), answer.body());
            assertTrue(
                    answer.body()
                            .contains(
                                    wrong.resolve("serving.properties")
                                            + ": hfx.max_waiting must be a whole number from 1 to"
                                            + " 1000000, was 0"),
                    answer.body());
            awaitGone(server, "wrong");

            answer = register(server, wrong, "&synchronous=false");
            assertTrue(List.of(202, 400).contains(answer.statusCode()), answer.body());
            awaitGone(server, "wrong");
            assertEquals(200, server.get("/ping").statusCode());
            assertEquals(2, lines(server, "model wrong is not loaded: ").size(), server.log());

            model("wrong", "hfx.max_waiting=5");
            assertEquals(200, register(server, wrong, "").statusCode(), server.log());
            assertEquals(200, server.post("/predictions/wrong", "x", Map.of()).statusCode());
            assertEquals(200, server.post("/predictions/double", "[[1]]", Map.of()).statusCode());
        }
    }

    @Test
    void aWorkflowWithAWrongStageIsTakenBackWhole() throws Exception {
        Path right = model("right", "");
        Path wrong = model("wrong", "hfx.slo_class=tigt");
        Path file = folder.resolve("more").resolve("workflow.json");
        Files.writeString(
                file,
                """
                {"name": "both", "models": {"a": "%s", "b": "%s"},
                 "workflow": {"out": ["b", ["a", "in"]]}}
                """
                        .formatted(right.toUri(), wrong.toUri()));
        try (DjlServer server = setup().start()) {
            HttpResponse<String> answer = server.send("POST", "/workflows?url=" + file.toUri());
            assertEquals(400, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("must be one of best-effort, was tigt"));
            awaitGone(server, "both:b");
            assertFalse(server.get("/models").body().contains("both"));
        }
    }

    @Test
    void aModelOfTheStartWithAWrongKeyEndsTheServerAsStockDoes() throws Exception {
        String log = setup().onnx("wrong", "hfx.slo=tight").startInVain();
        assertTrue(log.contains("unknown key hfx.slo (value tight); did you mean"), log);
    }

    @Test
    void aModelsDefaultClassHoldsForRequestsThatStateNothing() throws Exception {
        Path classes = folder.resolve("classes.json");
        Files.writeString(
                classes,
                "{\"classes\":[{\"name\":\"tight\",\"e2e_ms\":30,\"on_miss\":\"reject\"}]}");
        DjlSetup setup =
                new DjlSetup(folder)
                        .fixedTime("slow", 100_000, ONE_WORKER, "hfx.slo_class=tight")
                        .fixedTime("patient", 100_000, ONE_WORKER)
                        .with("hfx_slo_classes", classes);
        try (DjlServer server = setup.start()) {
            for (String model : List.of("slow", "patient")) {
                server.post("/predictions/" + model, "x", Map.of());
            }
            assertTrue(refused(server, "slow", 6) >= 4, server.log());
            assertEquals(0, refused(server, "patient", 6));
        }
    }

    @Test
    void aModelsBoundOfWaitingRequestsHolds() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .fixedTime("slow", 500_000, ONE_WORKER, "hfx.max_waiting_best_effort=2")
                        .fixedTime("roomy", 100_000, ONE_WORKER);
        try (DjlServer server = setup.start()) {
            assertTrue(refused(server, "slow", 8) >= 4, server.log());
            assertEquals(0, refused(server, "roomy", 8));
        }
    }

    /** Sends some requests at once, and counts those that are answered 429. */
    private static int refused(DjlServer server, String model, int requests) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            sent.add(server.postAsync("/predictions/" + model, "x", Map.of()));
        }
        int refused = 0;
        for (CompletableFuture<HttpResponse<String>> each : sent) {
            refused += each.get().statusCode() == 429 ? 1 : 0;
        }
        return refused;
    }
}
