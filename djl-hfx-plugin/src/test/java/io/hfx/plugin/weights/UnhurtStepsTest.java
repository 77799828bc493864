package io.hfx.plugin.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.OnlineFit;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.step.StepTime;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class UnhurtStepsTest {
    private static final StepShape DECODE = StepShape.EMPTY.plusDecode(100);
    private static final LatencyModel MODEL = new LatencyModel(20e6, 0, 0, 0, 0, 0, 0);

    private final UnhurtSteps steps = new UnhurtSteps();

    private OptionalDouble step(LatencyModel model, double millis, boolean giving) {
        long nanos = Math.round(millis * 1e6);
        return steps.slowdown(
                new StepTime(new WorkerId("worker-0"), DECODE, model, nanos, 1), giving);
    }

    private void past(double millis) {
        for (int i = 0; i < 10 * UnhurtSteps.PAST_STEPS; i++) {
            assertTrue(step(MODEL, millis, false).isEmpty());
        }
    }

    @Test
    void comparesWithThePastAlsoWhereTheModelIsOff() {
        past(24);
        assertEquals(1, step(MODEL, 24, true).orElseThrow(), 0.001);
        assertEquals(1.25, step(MODEL, 30, true).orElseThrow(), 0.001);
    }

    /** The worker's model learns that steps are slow; what is compared with must not. */
    @Test
    void doesNotGetUsedToTheHurt() {
        past(20);
        OnlineFit fit = new OnlineFit(MODEL);
        for (int i = 0; i < 200; i++) {
            assertEquals(1.5, step(fit.model(), 30, true).orElseThrow(), 0.001);
            fit.learn(DECODE, 30_000_000);
        }
        assertEquals(30e6, (double) fit.model().stepNanos(DECODE), 0.5e6);
    }

    @Test
    void learnsAnewBetweenTransfers() {
        past(20);
        step(MODEL, 30, true);
        past(40);
        assertEquals(1, step(MODEL, 40, true).orElseThrow(), 0.001);
    }

    @Test
    void aWorkerWithoutPastTakesItsFirstStepsForIt() {
        for (int i = 0; i < UnhurtSteps.PAST_STEPS; i++) {
            assertTrue(step(MODEL, 30, true).isEmpty());
        }
        assertEquals(1, step(MODEL, 30, true).orElseThrow(), 0.001);
        assertEquals(2, step(MODEL, 60, true).orElseThrow(), 0.001);
    }

    @Test
    void aStallCountsAsThreeTimesTheTime() {
        past(20);
        assertEquals(3, step(MODEL, 2000, true).orElseThrow(), 0.001);
    }
}
