package io.hfx.plugin.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.d2d.transfer.Pacer;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.step.StepTime;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SeedPacingTest {
    private static final LatencyModel MODEL = new LatencyModel(20e6, 0, 0, 0, 0, 0, 0);
    private static final long FLOOR = EgressThrottle.FLOOR_BYTES_PER_SECOND;

    private final Pacer pacer = new Pacer(Pacer.UNLIMITED);
    private final AtomicBoolean giving = new AtomicBoolean(true);
    private final AtomicBoolean running = new AtomicBoolean(true);
    private long nowNanos;

    private SeedPacing pacing(long mostBytesPerSecond, @Nullable EgressThrottle throttle) {
        return new SeedPacing(pacer, mostBytesPerSecond, throttle, giving::get, running::get);
    }

    private void await(long bytesPerSecond) {
        long untilNanos = System.nanoTime() + 30_000_000_000L;
        while (pacer.bytesPerSecond() != bytesPerSecond) {
            assertTrue(System.nanoTime() < untilNanos, "not within 30 s");
            Thread.onSpinWait();
        }
    }

    private void steps(SeedPacing pacing, int count, long millis) {
        for (int i = 0; i < count; i++) {
            nowNanos += millis * 1_000_000;
            pacing.stepped(
                    new StepTime(
                            new WorkerId("worker-0"),
                            StepShape.EMPTY.plusDecode(9),
                            MODEL,
                            millis * 1_000_000,
                            nowNanos));
        }
    }

    @Test
    void slowWhileBusyAndFreeElse() {
        try (SeedPacing pacing = pacing(5_000_000, null)) {
            pacing.start();
            await(5_000_000);
            running.set(false);
            await(Pacer.UNLIMITED);
            running.set(true);
            await(5_000_000);
            giving.set(false);
            await(Pacer.UNLIMITED);
            assertNull(pacing.figures());
        }
    }

    @Test
    void theRateFollowsTheStepsWhileWeightsMove() {
        int window = 1 + EgressThrottle.WINDOW_STEPS;
        giving.set(false);
        try (SeedPacing pacing = pacing(Pacer.UNLIMITED, new EgressThrottle(1.1))) {
            pacing.start();
            steps(pacing, UnhurtSteps.PAST_STEPS, 20);
            giving.set(true);
            await(FLOOR);
            steps(pacing, 2 * window, 20);
            await(4 * FLOOR);
            steps(pacing, window, 30);
            await(Math.round(0.7 * 4 * FLOOR));
            assertEquals(1, figures(pacing).cuts());
            assertEquals(1.5, figures(pacing).slowdown(), 0.001);
            running.set(false);
            await(Pacer.UNLIMITED);
            assertNull(figures(pacing).allowedBytesPerSecond());
            giving.set(false);
            running.set(true);
            steps(pacing, 1, 20);
            giving.set(true);
            await(FLOOR);
        }
    }

    private static WeightStatus.Throttling figures(SeedPacing pacing) {
        WeightStatus.Throttling found = pacing.figures();
        assertNotNull(found);
        return found;
    }

    @Test
    void theConfiguredRateIsNeverExceeded() {
        try (SeedPacing pacing = pacing(5_000_000, new EgressThrottle(1.1))) {
            pacing.start();
            await(5_000_000);
        }
    }
}
