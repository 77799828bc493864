package io.hfx.benchmarks.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both loops against the JDK's own HTTP server. */
class LoadLoopsTest {
    private static final int NEVER = 2;

    private final CountDownLatch testIsOver = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(threads);
        server.createContext(
                "/",
                exchange -> {
                    String path = exchange.getRequestURI().getPath();
                    if (path.equals("/never")) {
                        try {
                            testIsOver.await(60, TimeUnit.SECONDS);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                    if (path.equals("/broken")) {
                        exchange.close();
                        return;
                    }
                    exchange.getRequestBody().readAllBytes();
                    exchange.getResponseHeaders().add("x-hfx-reason", "because");
                    exchange.sendResponseHeaders(path.equals("/refused") ? 429 : 200, 2);
                    exchange.getResponseBody().write("ok".getBytes(StandardCharsets.UTF_8));
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void stop() {
        testIsOver.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static byte[] get(String path) {
        return ("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\n\r\nx")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aClosedLoopCountsWhatCompletesAndWhatFails() throws IOException {
        ClosedLoop.Result result =
                ClosedLoop.run(
                        server.getAddress(),
                        List.of(get("/"), get("/refused")),
                        3,
                        Duration.ofSeconds(60),
                        50);
        assertTrue(result.completed() >= 50 && result.completed() <= 53, result.toString());
        assertTrue(Math.abs(result.completed() - result.failed()) <= 4, result.toString());
        assertEquals("status 429", result.firstFailure());
        assertNotNull(result.latency());
        assertEquals(result.completed(), result.latency().count());
        assertEquals(result.completed() / result.seconds(), result.perSecond(), 1e-9);
    }

    @Test
    void anOpenLoopAccountsForEveryRequest() throws IOException {
        List<byte[]> requests = List.of(get("/"), get("/refused"), get("/never"), get("/broken"));
        List<Due> schedule = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            schedule.add(new Due(i * 1_000_000L, i % requests.size()));
        }
        List<Sample> samples =
                OpenLoop.run(server.getAddress(), schedule, requests, Duration.ofSeconds(2));
        assertEquals(schedule.size(), samples.size());
        for (Sample sample : samples) {
            assertTrue(sample.sentNanos() >= sample.due().atNanos());
            assertTrue(sample.endNanos() >= sample.sentNanos());
            assertEquals(sample.due().kind() == 0, sample.isCompleted());
            switch (sample.due().kind()) {
                case 1 -> assertEquals("because", sample.reason());
                case NEVER -> assertEquals(Sample.UNANSWERED, sample.reason());
                case 3 -> assertTrue(sample.reason().startsWith("closed"), sample.reason());
                default -> assertEquals("ok", sample.response().text());
            }
        }
    }

    @Test
    void aRequestNeverWaitsForAConnection() throws IOException {
        try (HttpLoop loop = new HttpLoop(server.getAddress())) {
            List<String> ends = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                send(loop, "/never", ends);
            }
            send(loop, "/", ends);
            poll(loop, ends, 1);
            send(loop, "/", ends);
            poll(loop, ends, 2);
            assertEquals(List.of("200", "200"), ends);
            assertEquals(6, loop.openedConnections(), "the seventh used the sixth's again");
            send(loop, "/refused", ends);
            poll(loop, ends, 3);
            send(loop, "/", ends);
            poll(loop, ends, 4);
            assertEquals(7, loop.openedConnections(), "one that refused is left");
        }
    }

    private static void send(HttpLoop loop, String path, List<String> ends) throws IOException {
        loop.send(
                get(path),
                new HttpLoop.Listener() {
                    @Override
                    public void answered(Response response) {
                        ends.add(Integer.toString(response.status()));
                    }

                    @Override
                    public void broken(String why) {
                        throw new UncheckedIOException(new IOException(why));
                    }
                });
    }

    private static void poll(HttpLoop loop, List<String> ends, int count) throws IOException {
        long endNanos = System.nanoTime() + 30_000_000_000L;
        while (ends.size() < count) {
            assertTrue(System.nanoTime() < endNanos, "only " + ends + " came");
            loop.poll(100_000_000);
        }
    }
}
