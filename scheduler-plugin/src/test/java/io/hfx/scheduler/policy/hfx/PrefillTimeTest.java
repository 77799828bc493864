package io.hfx.scheduler.policy.hfx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.baseline.FakeWorker;
import org.junit.jupiter.api.Test;

/** Two workers; the time that one has to have for what comes is twice that. */
class PrefillTimeTest {
    private static final long SECOND = 1_000_000_000;

    private final FakeWorker w0 = new FakeWorker("w0");
    private final FakeWorker w1 = new FakeWorker("w1");
    private final PrefillTime time = new PrefillTime(2);

    private boolean canSpare(double free, long nowNanos) {
        return time.canSpare(w0, free, 2, nowNanos);
    }

    @Test
    void whereNothingComesAnyWorkerCanBeSpared() {
        assertTrue(canSpare(0, 5 * SECOND));
    }

    @Test
    void theOthersMustHaveTimeForWhatComes() {
        time.comes(SECOND / 5, 0);
        time.comes(SECOND / 5, SECOND);
        // 0.4 of a worker come, twice that is wanted, and 1.05 are left
        assertTrue(canSpare(0.05, SECOND));
        time.has(w1, 0.8);
        assertTrue(canSpare(0.05, SECOND));
        time.has(w1, 0.7);
        assertFalse(canSpare(0.05, SECOND), "0.75 are left");
        time.has(w0, 0.1);
        assertFalse(canSpare(0.05, SECOND), "whatever it has now");
        time.has(w1, 1);
        assertTrue(canSpare(0.05, SECOND));
    }

    @Test
    void aWorkerThatKeepsSomeTimeNeedsNoOthers() {
        time.comes(50 * SECOND, 0);
        assertTrue(canSpare(PrefillTime.CLOSED, SECOND));
        assertFalse(canSpare(PrefillTime.CLOSED - 0.01, SECOND));
    }

    @Test
    void workersThatCannotPrefillAreNotOpen() {
        assertEquals(1, time.open(w0, 2));
        time.has(w1, 0.1);
        assertEquals(0, time.open(w0, 2));
        assertEquals(1, time.open(w1, 2), "it counts once");
        time.has(w1, 0.9);
        assertEquals(1, time.open(w0, 2));
        time.has(w1, 0.1);
        time.has(w1, 1);
        assertEquals(1, time.open(w0, 2));
    }

    @Test
    void whatCameLongAgoIsForgotten() {
        for (int i = 0; i <= 30; i++) {
            time.comes(SECOND, i * SECOND);
        }
        assertFalse(canSpare(0, 30 * SECOND));
        assertTrue(canSpare(0, 90 * SECOND), "a tenth of it");
    }
}
