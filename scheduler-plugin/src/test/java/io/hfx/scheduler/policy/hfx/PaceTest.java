package io.hfx.scheduler.policy.hfx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.baseline.FakeSequence;
import io.hfx.scheduler.policy.parts.OutputLengths;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** By a TPOT of 100 ms of which 90 are planned with, a TTFT of 1 s, and decodes of 20 ms. */
class PaceTest {
    private static final long MS = 1_000_000;
    private static final Slo SLO = new Slo(1_000 * MS, 100 * MS, Slo.NONE);

    private final Pace pace =
            new Pace(
                    HfxSettings.of(new PolicyConfig(Map.of("margin", "0.9", "reserve", "1000"))),
                    new OutputLengths());

    /** Read at 0, its first token at 400 ms. */
    private static FakeSequence sequence(ScoringMode mode, int generated) {
        SloClass c = new SloClass("c", SLO, OnMiss.DEMOTE, 1, mode);
        return FakeSequence.decode(new RequestSpec(1, c, 0, List.of(10), 1, 1_000), 400, generated);
    }

    private long lead(ScoringMode mode, int generated, long nowMillis) {
        return pace.leadNanos(sequence(mode, generated), nowMillis * MS) / MS;
    }

    @Test
    void byTheMeanFastStepsAreSavedUp() {
        assertEquals(10 * 90 - 200, lead(ScoringMode.MEAN, 10, 600));
        assertEquals(-110, lead(ScoringMode.MEAN, 1, 600));
    }

    /** Half of the 600 ms by which the first token came before its deadline count. */
    @Test
    void byDeadlinesOfTokensAnEarlyFirstTokenIsSavedToo() {
        assertEquals(300 + 10 * 90 - 200, lead(ScoringMode.CUMULATIVE, 10, 600));
    }

    @Test
    void whereEveryGapCountsNothingIsSaved() {
        // the newest of these tokens came at 400 ms, as the first
        assertEquals(90 - 30, lead(ScoringMode.TAIL, 10, 430));
    }

    @Test
    void timeOfTokensToComeIsLentByTheMeanAlone() {
        for (ScoringMode mode : ScoringMode.values()) {
            SloClass c = new SloClass("c", SLO, OnMiss.DEMOTE, 1, mode);
            FakeSequence s =
                    FakeSequence.decode(
                            new RequestSpec(1, c, 0, List.of(10), 1, 1_000, 500), 400, 1);
            long allowed = pace.allowedNanos(s, 400 * MS, 20 * MS);
            long stretched = pace.stretchedNanos(s, 400 * MS, 20 * MS);
            assertEquals(mode == ScoringMode.MEAN, stretched > allowed, mode.name());
        }
    }

    @Test
    void whatOneLateTokenLosesHasALatestStep() {
        assertEquals(Slo.NONE, pace.latestNanos(sequence(ScoringMode.MEAN, 10), 600 * MS));
        assertEquals(60 * MS, pace.latestNanos(sequence(ScoringMode.TAIL, 10), 430 * MS));
        // token 11 is due at 1,000 + 10 x 100 ms, and 10 ms before as planned
        assertEquals(
                (2_000 - 10 - 600) * MS,
                pace.latestNanos(sequence(ScoringMode.CUMULATIVE, 10), 600 * MS));
    }

    @Test
    void aTokenAfterItsDeadlineIsLostWhereTheMeanCanStillHold() {
        // one token at 400 ms, the second would come at 1,110 ms and is due at 1,100
        assertTrue(pace.isLost(sequence(ScoringMode.CUMULATIVE, 1), 1_090 * MS, 20 * MS));
        assertFalse(pace.isLost(sequence(ScoringMode.MEAN, 1), 1_090 * MS, 20 * MS));
        assertFalse(pace.isLost(sequence(ScoringMode.CUMULATIVE, 1), 1_070 * MS, 20 * MS));
    }
}
