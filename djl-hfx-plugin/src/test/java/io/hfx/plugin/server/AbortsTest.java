package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.EmulatedServer;
import io.hfx.plugin.testing.HttpSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that leave at every moment; afterwards nothing of their requests is left. */
class AbortsTest {
    private static final int REQUESTS = 400;
    private static final int OPEN = 24;

    @TempDir Path folder;

    private final long seed = Long.getLong("hfx.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final List<HttpSocket> open = new ArrayList<>();
    private int sent;
    private int answered;
    private int reset;

    @Test
    void nothingIsLeftOfClientsThatLeave() throws Exception {
        System.out.println("AbortsTest: -Dhfx.seed=" + seed);
        try (EmulatedServer server = new EmulatedServer(folder, "hfx_idle_timeout_seconds", "5")) {
            for (int i = 0; i < REQUESTS; i++) {
                begin(server);
                boolean one = open.size() >= OPEN || random.nextInt(4) == 0;
                if (one && !open.isEmpty()) {
                    leave(open.remove(random.nextInt(open.size())));
                }
            }
            for (HttpSocket socket : open) {
                readAll(socket);
            }
            server.awaitIdle();
            assertEquals(0, server.metric("hfx_requests_total", "outcome=\"failed\""));
            assertEquals(0, server.metric("hfx_requests_total", "outcome=\"refused\""));
            double finished = server.metric("hfx_requests_total", "outcome=\"finished\"");
            double aborted = server.metric("hfx_requests_total", "outcome=\"aborted\"");
            assertTrue(finished >= answered, finished + " finished, " + answered + " answered");
            assertTrue(aborted > 0);
            double ended = finished + aborted;
            assertTrue(
                    ended <= sent && ended >= sent - reset,
                    ended + " ended, " + sent + " sent, " + reset + " of them reset");
            assertEquals(0, server.metric("hfx_buffered_body_bytes"));
            assertEquals(0, server.metric("hfx_unread_answer_bytes"));
        }
    }

    /** Sends a request, or only a part of one. */
    private void begin(EmulatedServer server) throws IOException {
        HttpSocket socket = server.connect();
        byte[] request = request();
        if (random.nextInt(10) == 0) {
            int part = random.nextInt(request.length);
            socket.raw(Arrays.copyOf(request, part));
            if (random.nextBoolean()) {
                socket.socket.setSoLinger(true, 0);
            }
            socket.close();
            return;
        }
        socket.raw(request);
        sent++;
        open.add(socket);
    }

    private byte[] request() {
        String body =
                "{\"model\":\"sample\",\"ignore_eos\":true,\"prompt\":\""
                        + "a b ".repeat(1 + random.nextInt(80))
                        + "\",\"max_tokens\":"
                        + (1 + random.nextInt(100))
                        + ",\"n\":"
                        + (1 + random.nextInt(3))
                        + ",\"stream\":"
                        + random.nextBoolean()
                        + "}";
        String head =
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Content-Type: application/json\r\nContent-Length: "
                        + body.length()
                        + "\r\n\r\n";
        return (head + body).getBytes(StandardCharsets.US_ASCII);
    }

    /** At once, after a part of the answer, with a reset, half-closed, or after all of it. */
    private void leave(HttpSocket socket) throws IOException {
        switch (random.nextInt(5)) {
            case 0 -> socket.close();
            case 1 -> {
                socket.socket.getInputStream().readNBytes(1 + random.nextInt(4_000));
                socket.close();
            }
            case 2 -> {
                reset++;
                socket.socket.setSoLinger(true, 0);
                socket.close();
            }
            case 3 -> {
                socket.socket.shutdownOutput();
                while (socket.socket.getInputStream().read() >= 0) {
                    // to the end
                }
                socket.close();
            }
            default -> readAll(socket);
        }
    }

    private void readAll(HttpSocket socket) throws IOException {
        assertEquals(200, socket.answer().status());
        answered++;
        socket.close();
    }
}
