package io.hfx.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import io.hfx.cli.UserError;
import io.hfx.simulator.workload.Arrival;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is made of a server's metrics, and of the shares of clients. */
@Timeout(60)
class ServerWatchTest {
    private static final String SCRAPE =
            """
            # TYPE hfx_requests_in_flight gauge
            hfx_requests_in_flight{model_name="m"} %d
            hfx_requests_total{model_name="m",outcome="finished",slo_class="a"} %d.0
            hfx_requests_total{model_name="m",outcome="finished",slo_class="b c"} 1.0
            hfx_requests_total{model_name="m",outcome="refused",slo_class="a"} 2.0
            hfx_refused_requests_total{reason="queue-full"} %d.0
            hfx_heap_after_gc_bytes 1.048576E7
            jvm_memory_used_bytes{area="heap",id="Eden, {x}"} 5.0
            jvm_memory_used_bytes{area="heap",id="Old"} 6.0
            jvm_memory_used_bytes{area="nonheap",id="Code"} 7.0
            process_resident_memory_bytes NaN
            """;

    private static List<double[]> line(double slope) {
        List<double[]> samples = new ArrayList<>();
        for (int i = 0; i <= 100; i++) {
            samples.add(new double[] {i, 1_000 + slope * i});
        }
        return samples;
    }

    @Test
    void aTrendIsAFigure() {
        Trend flat = Trend.of(line(0));
        assertEquals(0, flat.perHour());
        assertEquals(0, flat.growth());
        Trend growing = Trend.of(line(2));
        assertEquals(7_200, growing.perHour(), 1e-6);
        assertEquals(1_200, growing.most());
        assertEquals((1_000 + 2 * 88.0) / (1_000 + 2 * 13) - 1, growing.growth(), 1e-9);
        assertNull(Trend.of(line(1).subList(0, 5)));
        assertNull(Trend.of(List.of(new double[] {0, 0})));
    }

    @Test
    void seriesAreSummedByNameAndLabel() {
        Scrape scrape = Scrape.parse(SCRAPE.formatted(3, 4, 5));
        assertEquals(11, scrape.sum("jvm_memory_used_bytes", "area=\"heap\""));
        assertEquals(5, scrape.sum("hfx_requests_total", "outcome=\"finished\""));
        assertEquals(10_485_760, scrape.sum("hfx_heap_after_gc_bytes", ""));
        assertTrue(Double.isNaN(scrape.sum("process_resident_memory_bytes", "")));
        assertTrue(Double.isNaN(scrape.sum("hfx_requests", "")));
    }

    /** A server that is busy for a while after the load, and counts eight requests meanwhile. */
    @Test
    void theWatchEndsWhenTheServerIsAtRest() throws Exception {
        CountDownLatch enough = new CountDownLatch(12);
        AtomicInteger asked = new AtomicInteger();
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/metrics",
                call -> {
                    int n = asked.getAndIncrement();
                    enough.countDown();
                    String text = SCRAPE.formatted(n < 15 ? 1 : 0, n == 0 ? 4 : 11, n == 0 ? 2 : 3);
                    byte[] body = text.getBytes(StandardCharsets.UTF_8);
                    call.sendResponseHeaders(n == 3 ? 500 : 200, body.length);
                    call.getResponseBody().write(body);
                    call.close();
                });
        server.start();
        try {
            Target target = target(server.getAddress().getPort());
            ServerWatch watch = ServerWatch.start(target, 0.1);
            assertTrue(enough.await(30, TimeUnit.SECONDS));
            ServerReport report = watch.end(3600);
            assertTrue(asked.get() >= 16, "asked " + asked);
            assertEquals(0, report.afterwards().get("requests_in_flight"));
            assertEquals(7, report.outcomes().get("finished"));
            assertEquals(0, report.outcomes().get("refused"));
            assertEquals(1, report.outcomes().get("turned-away"));
            assertEquals(8, report.counted());
            assertEquals(1, report.missedSamples());
            assertEquals(report.seconds().size(), report.samples().get("heap_bytes").size());
            assertEquals(0, report.trends().get("heap_after_gc_bytes").perHour());
            assertTrue(report.text().contains("heap_after_gc_mib"), report.text());
            assertTrue(report.text().contains("the server counted 8 requests"), report.text());
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anotherServerHasNoSuchMetrics() throws Exception {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/metrics",
                call -> {
                    call.sendResponseHeaders(200, -1);
                    call.close();
                });
        server.start();
        try {
            Target target = target(server.getAddress().getPort());
            UserError e = assertThrows(UserError.class, () -> ServerWatch.start(target, 1));
            assertTrue(e.getMessage().endsWith("is not that of an HFX server"), e.getMessage());
        } finally {
            server.stop(0);
        }
    }

    private static Target target(int port) {
        return new Target(
                Target.parse("http://127.0.0.1:" + port),
                Api.COMPLETIONS,
                "m",
                Optional.empty(),
                true);
    }

    @Test
    void clientsAreDrawnInTheirShares() {
        Manner.Shares shares = new Manner.Shares(0.2, 0.1);
        Arrival arrival = new Arrival(0, "a", 10, 20);
        Map<Manner.Kind, Integer> counts = new EnumMap<>(Manner.Kind.class);
        int midStream = 0;
        for (int i = 0; i < 20_000; i++) {
            Manner manner = shares.draw(arrival, new SplittableRandom(i));
            counts.merge(manner.kind(), 1, Integer::sum);
            if (manner.kind() == Manner.Kind.LEAVING) {
                boolean byTokens = manner.leaveTokens() > 0;
                assertTrue(byTokens ^ manner.leaveNanos() > 0, manner.toString());
                assertTrue(manner.leaveTokens() < 20, manner.toString());
                midStream += byTokens ? 1 : 0;
            }
        }
        assertEquals(14_000, counts.get(Manner.Kind.PATIENT), 300);
        assertEquals(4_000, counts.get(Manner.Kind.LEAVING), 250);
        assertEquals(2_000, counts.get(Manner.Kind.SLOW), 200);
        assertEquals(2_000, midStream, 200);
    }
}
