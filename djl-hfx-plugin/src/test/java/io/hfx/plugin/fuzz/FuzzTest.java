package io.hfx.plugin.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.plugin.testing.EmulatedServer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random requests against the whole server: every answer is well-formed and no failure of ours,
 * every connection ends in bounded time, and at the end nothing is left. {@code
 * -Dhfx.fuzz.seconds=600} makes it longer, {@code -Dhfx.seed} repeats the requests (their timing
 * differs).
 */
class FuzzTest {
    private static final int CLIENTS = 16;
    private static final int ANSWER_MILLIS = 30_000;
    private static final long GROWTH_BYTES = 64L << 20;

    @TempDir Path folder;

    private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();
    private final LongAdder sent = new LongAdder();
    private EmulatedServer server;

    @Test
    void nothingBreaksTheServer() throws Exception {
        long seed = Long.getLong("hfx.seed", System.nanoTime());
        long seconds = Long.getLong("hfx.fuzz.seconds", 12);
        System.out.println("FuzzTest: -Dhfx.seed=" + seed + " -Dhfx.fuzz.seconds=" + seconds);
        try (EmulatedServer started =
                new EmulatedServer(
                        folder,
                        "hfx_read_timeout_seconds",
                        "0.3",
                        "hfx_idle_timeout_seconds",
                        "0.3",
                        "hfx_max_output_tokens",
                        "64",
                        "hfx_max_body_bytes",
                        "65536",
                        "hfx_max_requests",
                        "64",
                        "hfx_workers",
                        "1")) {
            server = started;
            fuzz(seed, TimeUnit.SECONDS.toNanos(Math.max(1, seconds / 5)));
            server.awaitIdle();
            int threads = Thread.activeCount();
            long usedBytes = usedBytes();
            fuzz(seed + CLIENTS, TimeUnit.SECONDS.toNanos(seconds));
            server.awaitIdle();
            System.out.printf(
                    "FuzzTest: %d connections, answers %s, heap %d -> %d MiB, threads %d -> %d%n",
                    sent.sum(),
                    statuses,
                    usedBytes >> 20,
                    usedBytes() >> 20,
                    threads,
                    Thread.activeCount());
            assertTrue(statuses.containsKey(200) && statuses.containsKey(400), "" + statuses);
            assertTrue(Thread.activeCount() <= threads, "threads grew");
            assertTrue(usedBytes() <= usedBytes + GROWTH_BYTES, "the heap grew");
            assertEquals(0, server.metric("hfx_requests_total", "outcome=\"failed\""));
            assertEquals(0, server.metric("hfx_buffered_body_bytes"));
            assertEquals(0, server.metric("hfx_unread_answer_bytes"));
        }
    }

    private static long usedBytes() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private void fuzz(long seed, long nanos) throws Exception {
        long startNanos = System.nanoTime();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                Random random = new Random(seed + i);
                running.add(
                        clients.submit(
                                () -> {
                                    while (System.nanoTime() - startNanos < nanos) {
                                        attack(random);
                                    }
                                    return null;
                                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
        } finally {
            clients.shutdownNow();
            assertTrue(clients.awaitTermination(60, TimeUnit.SECONDS));
        }
        assertEquals(200, server.get("/health").status());
    }

    /** One connection: mostly right HTTP around a wrong body, else wrong HTTP or wrong bytes. */
    private void attack(Random random) throws IOException {
        JsonFuzz json = new JsonFuzz(random);
        HttpFuzz http = new HttpFuzz(random);
        boolean chat = random.nextBoolean();
        String text = json.valid(chat).toString();
        if (random.nextInt(6) != 0) {
            text = json.mutated(json.valid(chat));
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        int level = random.nextInt(10);
        byte[] request =
                level < 6
                        ? http.plain(chat, level == 0 ? http.bitten(body) : body)
                        : level < 9
                                ? http.mutated(chat, body)
                                : http.bitten(http.plain(chat, body));
        exchange(request, level < 6 ? 1 : Integer.MAX_VALUE, random);
    }

    /**
     * @param most answers to read; beyond them the connection is left
     */
    private void exchange(byte[] request, int most, Random random) throws IOException {
        sent.increment();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port())) {
            socket.setSoTimeout(ANSWER_MILLIS);
            write(socket, request, random);
            Answers answers = new Answers(socket.getInputStream());
            for (int i = 0; i < most; i++) {
                Answers.Answer answer = answers.next();
                if (answer == null) {
                    return;
                }
                statuses.computeIfAbsent(answer.status(), s -> new LongAdder()).increment();
                if (answer.last()) {
                    return;
                }
            }
        } catch (SocketTimeoutException | EOFException | Answers.Malformed e) {
            throw new IOException(e + " after " + Base64.getEncoder().encodeToString(request), e);
        } catch (SocketException e) {
            // the server ended the connection while we wrote: what it had to say may be lost
        }
    }

    private static void write(Socket socket, byte[] request, Random random) throws IOException {
        if (random.nextInt(5) != 0) {
            socket.getOutputStream().write(request);
            return;
        }
        for (int at = 0; at < request.length; ) {
            int length = Math.min(request.length - at, 1 + random.nextInt(300));
            socket.getOutputStream().write(request, at, length);
            at += length;
        }
    }
}
