package io.hfx.benchmarks.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.benchmarks.Spread;
import io.hfx.benchmarks.load.Due;
import io.hfx.benchmarks.load.Latencies;
import io.hfx.benchmarks.load.Response;
import io.hfx.benchmarks.load.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Medians, pairs and attainment, with numbers one can check in the head. */
class ArithmeticTest {
    private static final int TIGHT = 0;
    private static final int MEDIUM = 1;
    private static final int NONE = 2;

    private record Run(int round, String server, Double figure) implements Pairs.ServerRun {}

    @Test
    void percentilesAreInMilliseconds() {
        Latencies latencies = new Latencies();
        assertNull(latencies.summary());
        for (int i = 1; i <= 100; i++) {
            latencies.add(i * 1_000_000L);
        }
        Latencies.Summary summary = latencies.summary();
        assertEquals(100, summary.count());
        assertEquals(50.5, summary.meanMs(), 0.1);
        assertEquals(50, summary.p50Ms(), 0.1);
        assertEquals(90, summary.p90Ms(), 0.1);
        assertEquals(99, summary.p99Ms(), 0.1);
        assertEquals(100, summary.maxMs(), 0.1);
    }

    @Test
    void aSpreadHasMedianAndEnds() {
        assertNull(Spread.of(List.of()));
        assertEquals(new Spread(3, 2, 1, 9), Spread.of(List.of(9.0, 1.0, 2.0)));
        Spread even = Spread.of(List.of(4.0, 1.0, 2.0, 9.0));
        assertEquals(new Spread(4, 3, 1, 9), even);
        assertTrue(even.contains(9));
        assertFalse(even.contains(9.1));
    }

    @Test
    void runsOfOneRoundAreCompared() {
        List<Run> runs =
                List.of(
                        new Run(0, Servers.STOCK, 10.0),
                        new Run(0, Servers.HFX, 11.0),
                        new Run(1, Servers.HFX, 30.0),
                        new Run(1, Servers.STOCK, 20.0),
                        new Run(2, Servers.STOCK, 1.0),
                        new Run(2, Servers.HFX, null),
                        new Run(3, Servers.STOCK, 1.0));
        assertEquals(
                new Spread(2, 1.3, 1.1, 1.5),
                Pairs.ratios(runs, Servers.HFX, Servers.STOCK, Run::figure));
        assertEquals(
                new Spread(2, 5.5, 1, 10),
                Pairs.differences(runs, Servers.HFX, Servers.STOCK, Run::figure));
    }

    @Test
    void everyServerIsEquallyOftenFirst() {
        List<String> names = List.of("a", "b", "c");
        assertEquals(List.of("a", "b", "c"), Pairs.order(names, 0));
        assertEquals(List.of("b", "c", "a"), Pairs.order(names, 1));
        assertEquals(List.of("c", "a", "b"), Pairs.order(names, 2));
        assertEquals(List.of("a", "b", "c"), Pairs.order(names, 3));
    }

    @Test
    void whatIsLateRefusedOrUnansweredIsMissed() {
        List<Sample> samples = new ArrayList<>();
        samples.add(answered(TIGHT, 0, 100, 200));
        samples.add(answered(TIGHT, 0, 101, 200));
        samples.add(answered(TIGHT, 50, 60, 429));
        samples.add(new Sample(new Due(0, TIGHT), 0, 9, null, Sample.UNANSWERED));
        samples.add(answered(MEDIUM, 0, 450, 200));
        samples.add(answered(NONE, 0, 500, 200));
        samples.add(answered(NONE, 400, 401, 200));
        Map<String, SloMix.Score> scores = SloMix.scores(samples);
        SloMix.Score tight = scores.get("tight");
        assertEquals(4, tight.offered());
        assertEquals(2, tight.completed());
        assertEquals(1L, tight.met());
        assertEquals(0.25, tight.attainment());
        assertEquals(Map.of("status 429", 1L, Sample.UNANSWERED, 1L), tight.notCompleted());
        SloMix.Score medium = scores.get("medium");
        assertEquals(1.0, medium.attainment());
        assertEquals(0, medium.completedInWindow(), "the last request was due at 400 ms");
        SloMix.Score none = scores.get("none");
        assertNull(none.met());
        assertNull(none.attainment());
        assertEquals(2, none.completed());
        assertEquals(0, none.completedInWindow());

        OpenRun run = new OpenRun(0, "hfx", 1, 10, 0.5, 8, 10, null, null, null, scores);
        assertEquals(2, run.completedInWindow());
        assertEquals(2 / 5.0, run.attainment());
        // 9/s for 0.5 s less 2 with an objective leave 2.5.
        assertEquals(0, run.bestEffortOfLeftover());
    }

    /** Times in milliseconds. */
    private static Sample answered(int kind, long due, long end, int status) {
        return new Sample(
                new Due(due * 1_000_000, kind),
                due * 1_000_000,
                end * 1_000_000,
                new Response(status, "HTTP/1.1 " + status, new byte[0]),
                null);
    }
}
