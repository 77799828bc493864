package io.hfx.scheduler.slo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SloScoreTest {
    private static final Slo SLO = new Slo(100, 10, 1_000);

    private static SloScore score(Slo slo, long... tokenNanos) {
        return SloScore.of(slo, new SequenceTimeline(tokenNanos));
    }

    @Test
    void everythingOnTheDotIsMet() {
        SloScore score = score(SLO, 100, 110, 120);
        for (ScoringMode mode : ScoringMode.values()) {
            assertTrue(score.met(mode), mode.name());
        }
    }

    @Test
    void aLateFirstTokenMissesInEveryMode() {
        SloScore score = score(SLO, 101, 102, 103);
        for (ScoringMode mode : ScoringMode.values()) {
            assertFalse(score.met(mode), mode.name());
        }
    }

    @Test
    void oneLongGapIsForgivenByTheMeanAndByBankedDeadlinesButNotByTheTail() {
        // gaps 2, 2, 26: mean 10; the first token is 60 early, so token 4 (due 130) is in time
        SloScore score = score(SLO, 40, 42, 44, 70);
        assertTrue(score.met(ScoringMode.MEAN));
        assertFalse(score.met(ScoringMode.TAIL));
        assertTrue(score.met(ScoringMode.CUMULATIVE));
    }

    @Test
    void theCumulativeModeDoesNotForgiveALateTokenInTheMiddle() {
        // gaps 25, 1, 1: mean 9 is fine; token 2 is due at 110 and comes at 125
        SloScore score = score(SLO, 100, 125, 126, 127);
        assertTrue(score.met(ScoringMode.MEAN));
        assertFalse(score.met(ScoringMode.CUMULATIVE));
    }

    @Test
    void withoutTtftTheCumulativeDeadlinesStartAtTheFirstToken() {
        Slo slo = new Slo(Slo.NONE, 10, Slo.NONE);
        assertTrue(score(slo, 5_000, 5_010, 5_020).met(ScoringMode.CUMULATIVE));
        assertFalse(score(slo, 5_000, 5_011, 5_012).met(ScoringMode.CUMULATIVE));
    }

    @Test
    void aSingleTokenHasNoTpotToMiss() {
        SloScore score = score(SLO, 90);
        assertTrue(score.met(ScoringMode.MEAN));
        assertTrue(score.met(ScoringMode.TAIL));
        assertTrue(score.met(ScoringMode.CUMULATIVE));
    }

    @Test
    void theEndToEndObjectiveCountsInEveryMode() {
        Slo slo = new Slo(Slo.NONE, Slo.NONE, 50);
        assertTrue(score(slo, 10, 50).met(ScoringMode.TAIL));
        for (ScoringMode mode : ScoringMode.values()) {
            assertFalse(score(slo, 10, 51).met(mode), mode.name());
        }
    }

    @Test
    void allSequencesOfARequestMustMeet() {
        SequenceTimeline good = new SequenceTimeline(new long[] {50, 60});
        SequenceTimeline late = new SequenceTimeline(new long[] {150, 160});
        assertTrue(SloScore.of(SLO, List.of(good, good)).met(ScoringMode.MEAN));
        assertFalse(SloScore.of(SLO, List.of(good, late)).met(ScoringMode.MEAN));
        assertEquals(SloScore.MISSED, SloScore.of(SLO, List.of()));
    }

    @Test
    void wrongValuesAreNamed() {
        var e = assertThrows(IllegalArgumentException.class, () -> new Slo(1, 0, 1));
        assertEquals("tpotNanos must be above 0, was 0", e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new SequenceTimeline(new long[] {2, 1}));
    }
}
