package io.hfx.plugin.weights;

import static io.hfx.plugin.weights.EgressThrottle.FLOOR_BYTES_PER_SECOND;
import static io.hfx.plugin.weights.EgressThrottle.TOP_BYTES_PER_SECOND;
import static io.hfx.plugin.weights.EgressThrottle.WINDOW_NANOS;
import static io.hfx.plugin.weights.EgressThrottle.WINDOW_STEPS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** In virtual time. */
class EgressThrottleTest {
    private static final long STEP_NANOS = 20_000_000;

    private final EgressThrottle throttle = new EgressThrottle(1.1);
    private long nowNanos = 7;

    /** One window of steps that are all that slow. */
    private void window(double slowdown) {
        for (int i = 0; i <= WINDOW_STEPS; i++) {
            step(slowdown);
        }
    }

    private void step(double slowdown) {
        nowNanos += Math.round(STEP_NANOS * slowdown);
        throttle.stepped(nowNanos, slowdown);
    }

    @Test
    void doublesFromTheFloorUntilStepsGetSlower() {
        assertEquals(FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        window(1);
        window(1.02);
        window(1.04);
        assertEquals(8 * FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        window(1.07);
        assertEquals(8 * FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        window(1.04);
        assertEquals(9 * FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        assertEquals(0, throttle.cuts());
    }

    @Test
    void fallsByAFactorAndRisesByAConstant() {
        for (int i = 0; i < 4; i++) {
            window(1);
        }
        long before = throttle.bytesPerSecond();
        window(1.2);
        assertEquals(Math.round(before * 0.7), throttle.bytesPerSecond());
        assertEquals(1.2, throttle.slowdown(), 1e-9);
        assertEquals(1, throttle.cuts());
        window(1);
        assertEquals(Math.round(before * 0.7) + FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
    }

    @Test
    void staysBetweenFloorAndTop() {
        for (int i = 0; i < 100; i++) {
            window(3);
        }
        assertEquals(FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        for (int i = 0; i < 2000; i++) {
            window(1);
        }
        assertEquals(TOP_BYTES_PER_SECOND, throttle.bytesPerSecond());
    }

    @Test
    void oneSlowStepOfAWindowIsNoHurt() {
        step(1);
        step(1.5);
        for (int i = 1; i < WINDOW_STEPS; i++) {
            step(1);
        }
        assertEquals(1 + 0.5 / WINDOW_STEPS, throttle.slowdown(), 1e-9);
        assertEquals(FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        assertEquals(0, throttle.cuts());
    }

    @Test
    void shortStepsMakeNoShortWindow() {
        long untilNanos = nowNanos + WINDOW_NANOS;
        while (nowNanos < untilNanos) {
            nowNanos += 100_000;
            throttle.stepped(nowNanos, 1);
        }
        assertEquals(FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        throttle.stepped(nowNanos + 100_000, 1);
        assertEquals(2 * FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
    }

    @Test
    void anotherTransferBeginsAtTheFloor() {
        window(1);
        window(1);
        throttle.begin();
        assertEquals(FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
        window(1);
        assertEquals(2 * FLOOR_BYTES_PER_SECOND, throttle.bytesPerSecond());
    }

    @Test
    void refusesToTolerateNothing() {
        assertThrows(IllegalArgumentException.class, () -> new EgressThrottle(1));
    }

    /** A seed whose steps get longer in proportion to what it sends, give or take noise. */
    @Test
    void findsTheRateThatStepsBear() {
        long seed = 20261122;
        Random random = new Random(seed);
        double bearable = 400e6; // 10 % at that rate
        double sum = 0;
        double bytes = 0;
        double seconds = 0;
        int steps = 3000;
        for (int i = 0; i < steps; i++) {
            double slowdown = 1 + 0.1 * throttle.bytesPerSecond() / bearable;
            double measured = slowdown * (1 + 0.05 * random.nextGaussian());
            bytes += throttle.bytesPerSecond() * slowdown;
            seconds += slowdown;
            sum += slowdown;
            step(measured);
        }
        assertTrue(sum / steps < 1.1, "seed " + seed + ": slowdown " + sum / steps);
        double rate = bytes / seconds;
        assertTrue(rate > 0.5 * bearable && rate < bearable, "seed " + seed + ": rate " + rate);
    }
}
