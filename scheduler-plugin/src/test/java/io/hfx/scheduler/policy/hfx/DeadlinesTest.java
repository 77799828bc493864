package io.hfx.scheduler.policy.hfx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    /** A typical step (8 decodes, 64 prefill tokens) takes 100. */
    private static final LatencyModel LATENCY = new LatencyModel(100, 0, 0, 0, 0, 0, 0);

    private static long due(Slo slo, int maxTokens) {
        SloClass c = new SloClass("c", slo, OnMiss.DEMOTE, 1);
        return Deadlines.firstTokenNanos(
                new RequestSpec(1, c, 3, List.of(5), 1, maxTokens), 1_000, LATENCY);
    }

    @Test
    void theFirstTokenIsDueByWhicheverObjectiveIsTighter() {
        assertEquals(1_700, due(new Slo(700, 10, Slo.NONE), 11));
        assertEquals(1_000 + 5_000 - 10 * 100, due(new Slo(Slo.NONE, 10, 5_000), 11));
        assertEquals(1_700, due(new Slo(700, Slo.NONE, 5_000), 11));
        assertEquals(Slo.NONE, due(new Slo(Slo.NONE, 10, Slo.NONE), 11));
    }

    @Test
    void aStepMayTakeTheTpotAndPartOfWhatWasSaved() {
        // 3 tokens at 0, 10, 20 with TPOT 30: the next is due 90 after the first, 70 from now
        assertEquals(30 + (70 - 30) / 4, Deadlines.allowedStepNanos(20, 3, 4, 30, 5));
        // never more than four times the TPOT
        assertEquals(120, Deadlines.allowedStepNanos(0, 50, 1, 30, 5));
    }

    @Test
    void whoIsBehindCatchesUpIfItCan() {
        // the next token is due in 10, the fastest step takes 5
        assertEquals(10, Deadlines.allowedStepNanos(80, 3, 4, 30, 5));
        // it is overdue by 10, but 4 steps of 5 make up for it
        assertEquals(5, Deadlines.allowedStepNanos(100, 3, 4, 30, 5));
        // at best (200 + 20) / 6 is above 30: lost, so it holds nobody up
        assertEquals(Slo.NONE, Deadlines.allowedStepNanos(200, 3, 4, 30, 5));
    }
}
