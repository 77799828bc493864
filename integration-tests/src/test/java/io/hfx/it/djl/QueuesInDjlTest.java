package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import io.hfx.harness.FixedTimeEngine;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A model's queue in a real DJL Serving: bounds, failures, and models that come and go. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class QueuesInDjlTest {
    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";
    private static final long LIMIT_SECONDS = 20;

    @TempDir Path folder;

    private static List<CompletableFuture<HttpResponse<String>>> send(
            DjlServer server, int count, Map<String, String> headers) {
        List<CompletableFuture<HttpResponse<String>>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(server.postAsync("/predictions/slow", "x", headers));
        }
        return sent;
    }

    private static List<Integer> codes(List<CompletableFuture<HttpResponse<String>>> sent)
            throws Exception {
        List<Integer> codes = new ArrayList<>();
        for (CompletableFuture<HttpResponse<String>> each : sent) {
            codes.add(each.get(LIMIT_SECONDS, TimeUnit.SECONDS).statusCode());
        }
        return codes;
    }

    @Test
    void requestsWithoutObjectiveDoNotFillThePlacesOfThoseWithOne() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder).fixedTime("slow", 200_000, ONE_WORKER, "job_queue_size=10");
        try (DjlServer server = setup.start()) {
            List<CompletableFuture<HttpResponse<String>>> none = send(server, 20, Map.of());
            server.awaitQueue("slow", 10);
            List<CompletableFuture<HttpResponse<String>>> tight =
                    send(server, 5, Map.of("x-slo-e2e-ms", "15000"));
            assertEquals(List.of(200, 200, 200, 200, 200), codes(tight));
            List<Integer> codes = codes(none);
            assertTrue(codes.stream().allMatch(c -> c == 200 || c == 429), codes.toString());
            assertTrue(codes.stream().filter(c -> c == 429).count() >= 5, codes.toString());
            assertEquals(200, server.get("/ping").statusCode());
        }
    }

    @Test
    void failuresTeachNothingOfTheTimeThatAModelTakes() throws Exception {
        DjlSetup setup = new DjlSetup(folder).refusing().fixedTime("slow", 300_000, ONE_WORKER);
        try (DjlServer server = setup.start()) {
            for (int i = 0; i < 5; i++) {
                assertEquals(List.of(200), codes(send(server, 1, Map.of())));
            }
            for (int i = 0; i < 40; i++) {
                int code =
                        server.post("/predictions/slow", FixedTimeEngine.FAIL, Map.of())
                                .statusCode();
                assertEquals(400, code);
            }
            List<CompletableFuture<HttpResponse<String>>> running = send(server, 2, Map.of());
            server.awaitQueue("slow", 1);
            HttpResponse<String> refused =
                    server.post("/predictions/slow", "x", DjlSetup.within(200));
            assertEquals(429, refused.statusCode(), refused.body());
            assertEquals(
                    "slo-out-of-reach", refused.headers().firstValue("x-hfx-reason").orElse(""));
            assertEquals(List.of(200, 200), codes(running));
        }
    }

    @Test
    void aModelThatIsDeletedAndRegisteredAgainUnderLoadAnswersEverybody() throws Exception {
        DjlSetup setup = new DjlSetup(folder).fixedTime("slow", 100_000, ONE_WORKER);
        String register =
                "/models?synchronous=true&model_name=slow&url=" + setup.folder("slow").toUri();
        try (DjlServer server = setup.start()) {
            for (int cycle = 0; cycle < 5; cycle++) {
                List<CompletableFuture<HttpResponse<String>>> sent = send(server, 20, Map.of());
                sent.get(0).get(LIMIT_SECONDS, TimeUnit.SECONDS);
                CompletableFuture<List<CompletableFuture<HttpResponse<String>>>> meanwhile =
                        CompletableFuture.supplyAsync(() -> send(server, 50, Map.of()));
                assertEquals(200, server.send("DELETE", "/models/slow").statusCode());
                sent.addAll(meanwhile.get());
                List<Integer> codes = codes(sent);
                assertTrue(
                        codes.stream().allMatch(c -> c == 200 || c == 404 || c == 503),
                        "cycle " + cycle + ": " + codes);
                HttpResponse<String> again = server.send("POST", register);
                assertEquals(200, again.statusCode(), again.body());
                assertEquals(List.of(200), codes(send(server, 1, Map.of())));
            }
        }
    }

    @Test
    void aModelThatIsScaledToNoneAnswersWhatWaitsAndServesAgain() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder)
                        .fixedTime("slow", 300_000, ONE_WORKER)
                        .with("error_rate_wlm", "3/PT60S")
                        .with("error_rate_server", "3/PT60S");
        try (DjlServer server = setup.start()) {
            List<CompletableFuture<HttpResponse<String>>> sent = send(server, 8, Map.of());
            server.awaitQueue("slow", 7);
            scale(server, 0);
            List<Integer> codes = codes(sent);
            assertEquals(7, codes.stream().filter(c -> c == 429).count(), codes.toString());
            assertEquals(List.of(503), codes(send(server, 1, Map.of())), "as stock");
            assertEquals(200, server.get("/ping").statusCode());
            // The server counts the worker that has ended for a minute.
            scale(server, 2);
            assertEquals(List.of(200), codes(send(server, 1, Map.of())));
        }
    }

    @Test
    void aTemporaryWorkerServesNoModelThatIsScaledToNone() throws Exception {
        DjlSetup setup =
                new DjlSetup(folder).fixedTime("slow", 200_000, "minWorkers=1\nmaxWorkers=2");
        try (DjlServer server = setup.start()) {
            assertTrue(codes(send(server, 12, Map.of())).stream().allMatch(c -> c == 200));
            assertTrue(server.log().contains("one worker more than 1"), server.log());
            scale(server, 0);
            assertEquals(List.of(503, 503, 503), codes(send(server, 3, Map.of())));
        }
    }

    private static void scale(DjlServer server, int workers) throws Exception {
        String query = "?min_worker=" + workers + "&max_worker=" + workers;
        HttpResponse<String> answer = server.send("PUT", "/models/slow" + query);
        assertEquals(200, answer.statusCode(), answer.body());
    }
}
