package io.hfx.plugin.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.hfx.plugin.testing.ByteTokenizer;
import io.hfx.plugin.testing.EmulatedServer;
import io.hfx.plugin.testing.HttpSocket;
import io.hfx.plugin.testing.TestServer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients, slow ones, and the memory that they may take. */
class PressureTest {
    private static final int STREAM_BYTES = 262_144;
    private static final int EVENT_BYTES = 132_000;

    @TempDir Path folder;

    private static double metric(TestServer server, String start) throws Exception {
        Matcher line =
                Pattern.compile("(?m)^" + Pattern.quote(start) + ".* (\\S+)$")
                        .matcher(server.get("/metrics").body());
        assertTrue(line.find(), start);
        return Double.parseDouble(line.group(1));
    }

    private static void await(TestServer server, String start, double value) throws Exception {
        long startNanos = System.nanoTime();
        while (metric(server, start) != value) {
            assertTrue(
                    System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(30),
                    () -> start + " is not " + value);
        }
    }

    private static int[] script(int token) {
        int[] script = new int[400];
        Arrays.fill(script, token);
        return script;
    }

    private static String body(boolean stream) {
        return "{\"model\":\"fake/model\",\"prompt\":\"a\",\"max_tokens\":400,\"stream\":"
                + stream
                + "}";
    }

    /** Each stream is 50 MB, so all of them would be 10 GB. */
    @Test
    void twoHundredSlowReadersStayWithinTheirBound() throws Exception {
        int readers = 200;
        List<HttpSocket> sockets = new ArrayList<>();
        try (TestServer server =
                new TestServer("hfx_stream_buffer_bytes", Integer.toString(STREAM_BYTES))) {
            server.model.script = script(ByteTokenizer.HUGE);
            server.model.hold = true;
            for (int i = 0; i < readers; i++) {
                HttpSocket socket = server.connect();
                socket.socket.setReceiveBufferSize(4096);
                sockets.add(socket);
                socket.post("/v1/completions", body(true));
            }
            double most = 0;
            int cut = 0;
            long startNanos = System.nanoTime();
            while (cut < readers) {
                server.model.permits.release(readers - cut);
                most = Math.max(most, metric(server, "hfx_unread_answer_bytes"));
                cut = server.model.cancelled.size();
                assertTrue(System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(60));
            }
            System.out.printf("PressureTest: at most %.0f bytes unread%n", most);
            assertTrue(most > STREAM_BYTES, "no reader was slow");
            assertTrue(most <= readers * (double) (STREAM_BYTES + EVENT_BYTES), "unread: " + most);
            await(
                    server,
                    "hfx_connections_cut_total{model_name=\"fake/model\",reason=\"slow-r",
                    200);
            await(server, "hfx_unread_answer_bytes", 0);
            await(server, "hfx_requests_in_flight", 0);
        } finally {
            for (HttpSocket socket : sockets) {
                socket.close();
            }
        }
    }

    @Test
    void aReaderThatTakesNothingOfAWholeAnswerIsCut() throws Exception {
        try (TestServer server = new TestServer("hfx_write_timeout_seconds", "2");
                HttpSocket stalled = server.connect();
                HttpSocket good = server.connect()) {
            server.model.script = script(ByteTokenizer.LARGE);
            stalled.socket.setReceiveBufferSize(4096);
            stalled.post("/v1/completions", body(false));
            await(server, "hfx_connections_cut_total{model_name=\"fake/model\",reason=\"stal", 1);
            await(server, "hfx_unread_answer_bytes", 0);
            good.post("/v1/completions", body(false));
            assertTrue(good.answer().body().length() > 400 * 32_768);
            await(server, "hfx_connections_cut_total{model_name=\"fake/model\",reason=\"stal", 1);
        }
    }

    /** Readers that take nothing hold every slot of neither loop nor worker. */
    @Test
    void aSlowReaderStallsNobody() throws Exception {
        List<HttpSocket> slow = new ArrayList<>();
        try (EmulatedServer server = new EmulatedServer(folder, "hfx_http_threads", "1")) {
            String start =
                    "{\"model\":\"sample\",\"prompt\":\"a\",\"ignore_eos\":true,\"max_tokens\":";
            for (int i = 0; i < 20; i++) {
                HttpSocket socket = server.connect();
                socket.socket.setReceiveBufferSize(1024);
                socket.post("/v1/completions", start + "500,\"n\":3,\"stream\":true}");
                slow.add(socket);
            }
            try (HttpSocket fast = server.connect()) {
                fast.post("/v1/completions", start + "400}");
                assertEquals(200, fast.answer().status());
            }
            server.awaitIdle();
        } finally {
            for (HttpSocket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void bodiesHaveOneBudgetForAllConnections() throws Exception {
        try (TestServer server = new TestServer("hfx_max_buffered_bytes", "65536");
                HttpSocket half = server.connect()) {
            String large =
                    body(false).replace("\"a\"", "\"" + "a".repeat(300) + "\"")
                            + " ".repeat(30_000);
            half.raw(
                    "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000"
                            + "\r\nContent-Type: application/json\r\n\r\n"
                            + " ".repeat(50_000));
            await(server, "hfx_buffered_body_bytes", 50_000);
            String refused = large.replace("400", "10");
            HttpSocket.Answer busy = server.post("/v1/completions", refused);
            assertEquals(503, busy.status());
            assertEquals("busy", busy.headers().get("x-hfx-reason"));
            await(server, "hfx_buffered_body_bytes", 50_000);
            half.socket.close();
            await(server, "hfx_buffered_body_bytes", 0);
            assertEquals(200, server.post("/v1/completions", refused).status());
            await(server, "hfx_buffered_body_bytes", 0);
        }
    }

    @Test
    void thousandConnectionsAreServedAtATime() throws Exception {
        int clients = 1_000;
        var system = ManagementFactory.getOperatingSystemMXBean();
        assumeTrue(
                system instanceof UnixOperatingSystemMXBean unix
                        && unix.getMaxFileDescriptorCount() >= 4L * clients,
                "needs " + 4 * clients + " open files");
        List<HttpSocket> sockets = new ArrayList<>();
        try (EmulatedServer server =
                new EmulatedServer(folder, "hfx_kv_slots", "64", "hfx_parser_queue", "1000")) {
            for (int i = 0; i < clients; i++) {
                sockets.add(server.connect());
            }
            for (int round = 0; round < 2; round++) {
                for (HttpSocket socket : sockets) {
                    socket.post(
                            "/v1/completions",
                            "{\"model\":\"sample\",\"prompt\":\"a\",\"max_tokens\":3,\"stream\":true}");
                }
                for (HttpSocket socket : sockets) {
                    HttpSocket.Answer answer = socket.answer();
                    assertEquals(200, answer.status(), answer.body());
                    assertTrue(answer.body().endsWith("data: [DONE]\n\n"));
                }
            }
            assertEquals(clients + 1, server.metric("hfx_connections"));
            server.awaitIdle();
        } finally {
            for (HttpSocket socket : sockets) {
                socket.close();
            }
        }
    }
}
