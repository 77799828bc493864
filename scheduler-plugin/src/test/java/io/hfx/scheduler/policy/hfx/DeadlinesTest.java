package io.hfx.scheduler.policy.hfx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
    /** A typical step (8 decodes, 64 prefill tokens) takes 100. */
    private static final LatencyModel LATENCY = new LatencyModel(100, 0, 0, 0, 0, 0, 0);

    private static long due(Slo slo, int maxTokens) {
        SloClass c = new SloClass("c", slo, OnMiss.DEMOTE, 1);
        return Deadlines.firstTokenNanos(
                new RequestSpec(1, c, 3, List.of(5), 1, maxTokens), 1_000, LATENCY, Map.of());
    }

    @Test
    void theFirstTokenIsDueByWhicheverObjectiveIsTighter() {
        assertEquals(1_700, due(new Slo(700, 10, Slo.NONE), 11));
        assertEquals(1_000 + 5_000 - 10 * 100, due(new Slo(Slo.NONE, 10, 5_000), 11));
        assertEquals(1_700, due(new Slo(700, Slo.NONE, 5_000), 11));
        assertEquals(Slo.NONE, due(new Slo(Slo.NONE, 10, Slo.NONE), 11));
    }
}
