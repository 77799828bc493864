package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.testing.ByteTokenizer;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.HttpSocket.Answer;
import io.hfx.plugin.testing.TestServer;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Clients that leave, lag, hurry or crowd; and the orderly stop. */
class ConnectionsTest {
    private static final String STREAM =
            "{\"model\":\"fake/model\",\"prompt\":\"a\",\"stream\":true,\"max_tokens\":400}";
    private static final String WHOLE = "{\"model\":\"fake/model\",\"prompt\":\"a\"}";

    private static void assertCancelled(TestServer server, GenerationRequest request)
            throws InterruptedException {
        assertEquals(request.id(), server.model.cancelled.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void leavingBeforeTheFirstTokenCancels() throws Exception {
        for (String body : new String[] {STREAM, WHOLE}) {
            try (TestServer server = new TestServer()) {
                server.model.hold = true;
                HttpSocket socket = server.connect();
                socket.post("/v1/completions", body);
                GenerationRequest request = server.model.nextSubmitted();
                socket.close();
                assertCancelled(server, request);
            }
        }
    }

    @Test
    void leavingMidStreamCancelsAndCountsAsAbort() throws Exception {
        try (TestServer server = new TestServer()) {
            server.model.hold = true;
            HttpSocket socket = server.connect();
            socket.post("/v1/completions", STREAM);
            GenerationRequest request = server.model.nextSubmitted();
            server.model.permits.release(2);
            socket.head();
            socket.chunk();
            socket.close();
            assertCancelled(server, request);
            String metrics = server.get("/metrics").body();
            assertTrue(
                    metrics.contains(
                            "hfx_requests_total{model_name=\"fake/model\",outcome=\"aborted\","
                                    + "slo_class=\"chat\"} 1.0"),
                    metrics);
            assertTrue(metrics.contains("hfx_requests_in_flight{model_name=\"fake/model\"} 0.0"));
        }
    }

    @Test
    void slowReaderIsCutOff() throws Exception {
        try (TestServer server = new TestServer("hfx_stream_buffer_bytes", "65536")) {
            int[] script = new int[400];
            Arrays.fill(script, ByteTokenizer.LARGE);
            server.model.script = script;
            try (HttpSocket socket = server.connect()) {
                socket.socket.setReceiveBufferSize(4096);
                socket.post("/v1/completions", STREAM);
                assertCancelled(server, server.model.nextSubmitted());
            }
        }
    }

    @Test
    void keepAliveServesOneRequestAfterAnother() throws Exception {
        try (TestServer server = new TestServer();
                HttpSocket socket = server.connect()) {
            for (String body : new String[] {WHOLE, STREAM, WHOLE}) {
                socket.post("/v1/completions", body);
                assertEquals(200, socket.answer().status());
            }
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws Exception {
        try (TestServer server = new TestServer();
                HttpSocket socket = server.connect()) {
            socket.post("/v1/completions", STREAM, "x-request-id: a");
            socket.post("/v1/completions", WHOLE, "x-request-id: b");
            socket.raw("GET /health HTTP/1.1\r\nx-request-id: c\r\n\r\n");
            for (String id : new String[] {"a", "b", "c"}) {
                Answer answer = socket.answer();
                assertEquals(200, answer.status());
                assertEquals(id, answer.headers().get("x-request-id"));
            }
        }
    }

    @Test
    void tooManyPipelinedRequestsEndTheConnection() throws Exception {
        try (TestServer server = new TestServer();
                HttpSocket socket = server.connect()) {
            server.model.hold = true;
            socket.post("/v1/completions", WHOLE);
            GenerationRequest request = server.model.nextSubmitted();
            socket.raw("GET /health HTTP/1.1\r\n\r\n".repeat(9));
            assertTrue(socket.ended());
            assertCancelled(server, request);
        }
    }

    @Test
    void requestIdIsMadeWhereTheClientsIsNotPlain() throws Exception {
        try (TestServer server = new TestServer()) {
            for (String id : new String[] {"a b", "x".repeat(129), "<script>"}) {
                String made =
                        server.get("/health", "x-request-id: " + id).headers().get("x-request-id");
                assertTrue(made.matches("req-[0-9a-f-]{36}"), made);
            }
        }
    }

    @Test
    void connectionsAndRequestsAreBounded() throws Exception {
        try (TestServer server =
                        new TestServer("hfx_max_connections", "2", "hfx_max_requests", "1");
                HttpSocket first = server.connect()) {
            server.model.hold = true;
            first.post("/v1/completions", WHOLE);
            server.model.nextSubmitted();
            try (HttpSocket second = server.connect()) {
                second.post("/v1/completions", WHOLE);
                Answer refused = second.answer();
                assertEquals(429, refused.status());
                assertEquals("too-many-requests", refused.headers().get("x-hfx-reason"));
                try (HttpSocket third = server.connect()) {
                    assertEquals(503, third.answer().status());
                    assertTrue(third.ended());
                }
                second.post("/v1/completions", WHOLE);
                assertEquals(429, second.answer().status());
            }
            server.model.permits.release(100);
            assertEquals(200, first.answer().status());
        }
    }

    @Test
    void idleConnectionEnds() throws Exception {
        try (TestServer server = new TestServer("hfx_idle_timeout_seconds", "0.2");
                HttpSocket never = server.connect();
                HttpSocket after = server.connect()) {
            after.post("/v1/completions", WHOLE);
            assertEquals(200, after.answer().status());
            assertTrue(after.ended());
            assertTrue(never.ended());
        }
    }

    @Test
    void drainFailsReadinessRefusesNewAndLetsStreamsFinish() throws Exception {
        try (TestServer server = new TestServer();
                HttpSocket stream = server.connect();
                HttpSocket idle = server.connect()) {
            server.model.hold = true;
            stream.post("/v1/completions", STREAM);
            server.model.nextSubmitted();
            server.model.permits.release();
            stream.head();
            stream.chunk();
            assertEquals(200, server.get("/ready").status());
            CompletableFuture<Boolean> drained =
                    CompletableFuture.supplyAsync(server.server::drain);
            assertTrue(idle.ended());
            assertEquals(503, server.get("/ready").status());
            Answer refused = server.post("/v1/completions", WHOLE);
            assertEquals(503, refused.status());
            assertEquals("draining", refused.headers().get("x-hfx-reason"));
            assertEquals("close", refused.headers().get("connection"));
            assertNotNull(refused.headers().get("retry-after"));
            assertFalse(drained.isDone());
            server.model.permits.release(100);
            String rest = "";
            for (String chunk = stream.chunk(); !chunk.isEmpty(); chunk = stream.chunk()) {
                rest += chunk;
            }
            assertTrue(rest.endsWith("data: [DONE]\n\n"), rest);
            assertTrue(drained.get(20, TimeUnit.SECONDS));
        }
    }

    @Test
    void drainCutsOffAtItsBound() throws Exception {
        try (TestServer server = new TestServer("hfx_drain_seconds", "0.1");
                HttpSocket stream = server.connect()) {
            server.model.hold = true;
            stream.post("/v1/completions", STREAM);
            server.model.nextSubmitted();
            assertFalse(server.server.drain());
            assertTrue(stream.ended());
        }
    }

    @Test
    void readyFollowsTheWorkers() throws Exception {
        try (TestServer server = new TestServer()) {
            server.model.workerState = "loading";
            assertEquals(503, server.get("/ready").status());
            assertEquals(200, server.get("/live").status());
            server.model.workerState = "ready";
            assertEquals(200, server.get("/ready").status());
            String status = server.get("/hfx/status").body();
            assertTrue(status.contains("\"policy\":\"fake\""), status);
            String models = server.get("/v1/models").body();
            assertTrue(models.contains("\"id\":\"fake/model\""), models);
            assertEquals(200, server.get("/v1/models/fake/model").status());
            assertEquals(200, server.get("/v1/models/fake%2Fmodel").status());
        }
    }
}
