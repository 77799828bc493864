package io.hfx.simulator.score;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.SimOutcome;
import io.hfx.simulator.fleet.SimRequest;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScoreboardTest {
    private static final long MS = 1_000_000;
    private static final SloClass TIGHT =
            new SloClass("tight", new Slo(100 * MS, Slo.NONE, Slo.NONE), OnMiss.DEMOTE, 1);
    private static final SloClass LOOSE =
            new SloClass("loose", new Slo(900 * MS, Slo.NONE, Slo.NONE), OnMiss.DEMOTE, 1);

    private final Scoreboard scores = new Scoreboard(10 * MS);

    private static SimRequest request(SloClass sloClass, long atMillis) {
        return new SimRequest(atMillis * MS, new RequestSpec(1, sloClass, 3, List.of(5), 1, 9), 2);
    }

    private void done(SloClass sloClass, long atMillis, long ttftMillis) {
        long[] tokens = {ttftMillis * MS, (ttftMillis + 20) * MS};
        scores.accept(
                new SimOutcome(
                        request(sloClass, atMillis),
                        List.of(new SequenceTimeline(tokens)),
                        null,
                        false));
    }

    @Test
    void everyArrivalCountsButTheWarmUpAndThoseWhoLeave() {
        done(TIGHT, 5, 50);
        done(TIGHT, 20, 50);
        done(TIGHT, 30, 150);
        done(LOOSE, 40, 150);
        done(SloClass.BEST_EFFORT, 50, 5_000);
        scores.accept(
                new SimOutcome(
                        request(TIGHT, 60), List.of(), RefusalReason.SLO_OUT_OF_REACH, false));
        scores.accept(new SimOutcome(request(TIGHT, 70), List.of(), null, true));
        assertEquals(5, scores.overall().requests());
        assertEquals(0.5, scores.overall().attainment(ScoringMode.MEAN), "2 of 4");
        assertEquals(1 / 3.0, scores.minClassAttainment(ScoringMode.MEAN), 1e-12);
        assertEquals(1, scores.classes().get("best-effort").completed());
        assertEquals(4, scores.overall().goodTokens());
        assertEquals(6, scores.overall().outputTokens());
        assertEquals(20 * MS, scores.overall().itl().meanNanos());
    }

    @Test
    void quantilesAreWithinAThousandth() {
        Sketch sketch = new Sketch();
        Sketch other = new Sketch();
        SplittableRandom random = new SplittableRandom(1);
        double[] all = random.doubles(100_000).map(x -> 1e6 * Math.exp(8 * x)).toArray();
        for (int i = 0; i < all.length; i++) {
            (i % 2 == 0 ? sketch : other).add(all[i]);
        }
        sketch.add(other);
        java.util.Arrays.sort(all);
        for (double share : new double[] {0.01, 0.5, 0.9, 0.99, 0.999}) {
            double exact = all[(int) Math.ceil(share * all.length) - 1];
            assertEquals(exact, sketch.quantileNanos(share), 0.0015 * exact);
        }
        assertEquals(100_000, sketch.count());
    }
}
