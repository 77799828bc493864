package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** Requests of several stages in a real DJL Serving. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class WorkflowsInDjlTest {
    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";
    private static final String CHAIN = "[\"second\",[\"first\",\"in\"]]";
    private static final String ENSEMBLE =
            "[\"ensemble\",[\"functionsApply\",[\"first\",\"second\"],\"in\"]]";

    @TempDir Path folder;

    private DjlServer start(String out, long firstMicros, long secondMicros) throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .refusing()
                        .fixedTime("one", firstMicros, ONE_WORKER)
                        .fixedTime("two", secondMicros, ONE_WORKER);
        DjlServer server = setup.start();
        server.registerWorkflow(
                folder.resolve("workflow.json"),
                "chain",
                out,
                Map.of("first", setup.folder("one"), "second", setup.folder("two")));
        return server;
    }

    private static HttpResponse<String> post(DjlServer server, Map<String, String> headers)
            throws Exception {
        return server.post("/predictions/chain", "x", headers);
    }

    private static void assertReason(String reason, HttpResponse<String> answer) {
        assertEquals(reason, answer.headers().firstValue("x-hfx-reason").orElse("none"));
    }

    @Test
    void theStagesOfOnnxModelsRunOneAfterTheOther() throws Exception {
        DjlSetup setup = new DjlSetup(folder).onnx("double", ONE_WORKER);
        try (DjlServer server = setup.start()) {
            server.registerWorkflow(
                    folder.resolve("workflow.json"),
                    "four",
                    "[\"id\",[\"double\",\"in\"]]",
                    Map.of("double", setup.folder("double")));
            HttpResponse<String> answer =
                    server.post("/predictions/four", "[[1,2]]", Map.of("x-slo-e2e-ms", "5000"));
            assertEquals("{\"predictions\":[[2.0,4.0]]}", answer.body());
        }
    }

    @Test
    void theStagesShareOneDeadlineAndARefusalOfTheSecondEndsTheWorkflow() throws Exception {
        try (DjlServer server = start(CHAIN, 150_000, 150_000)) {
            for (int i = 0; i < 5; i++) {
                assertEquals(200, post(server, Map.of()).statusCode());
            }
            List<Integer> codes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                HttpResponse<String> answer = post(server, DjlSetup.within(250));
                codes.add(answer.statusCode());
                if (answer.statusCode() != 200) {
                    assertEquals(429, answer.statusCode(), answer.body());
                    assertTrue(answer.headers().firstValue("Retry-After").isPresent());
                    assertTrue(answer.body().contains("second"), answer.body());
                }
            }
            // Once a second one runs against the prediction.
            assertTrue(codes.stream().filter(c -> c == 429).count() >= 2, codes.toString());
        }
    }

    @Test
    void aRefusalOfTheFirstStageEndsTheWorkflow() throws Exception {
        try (DjlServer server = start(CHAIN, 100_000, 1_000)) {
            HttpResponse<String> answer = post(server, Map.of("x-slo-e2e-ms", "soon"));
            assertEquals(400, answer.statusCode(), answer.body());
            assertReason("bad-request", answer);
        }
    }

    @Test
    void aRefusalGoesThroughTheServersOwnFunctions() throws Exception {
        try (DjlServer server = start(ENSEMBLE, 300_000, 1_000)) {
            HttpResponse<String> malformed = post(server, Map.of("x-slo-e2e-ms", "soon"));
            assertEquals(400, malformed.statusCode(), malformed.body());
            assertReason("bad-request", malformed);
            List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                sent.add(server.postAsync("/predictions/chain", "x", DjlSetup.within(700)));
            }
            int refused = 0;
            for (CompletableFuture<HttpResponse<String>> each : sent) {
                HttpResponse<String> answer = each.get(20, TimeUnit.SECONDS);
                // What these models answer cannot be merged: served requests end with a 500.
                if (answer.statusCode() != 500) {
                    assertEquals(429, answer.statusCode(), answer.body());
                    assertTrue(answer.headers().firstValue("Retry-After").isPresent());
                    refused++;
                }
            }
            assertTrue(refused >= 3, "only " + refused + " of 6 were refused");
        }
    }

    @Test
    void thePriorityOfARequestHoldsInItsLaterStages() throws Exception {
        try (DjlServer server = start(CHAIN, 1_000, 500_000)) {
            List<String> answered = new CopyOnWriteArrayList<>();
            List<CompletableFuture<?>> sent = new ArrayList<>();
            sent.add(send(server, "0", answered));
            for (String priority : List.of("9", "9", "1")) {
                sent.add(send(server, priority, answered));
            }
            CompletableFuture.allOf(sent.toArray(new CompletableFuture<?>[0]))
                    .get(20, TimeUnit.SECONDS);
            assertEquals("9", answered.get(3), answered.toString());
        }
    }

    private static CompletableFuture<?> send(
            DjlServer server, String priority, List<String> answered) {
        return server.postAsync("/predictions/chain", "x", Map.of("x-priority", priority))
                .thenAccept(
                        answer -> {
                            assertEquals(200, answer.statusCode(), answer.body());
                            answered.add(priority);
                        });
    }
}
