package io.hfx.d2d.transfer.ucx;

import io.hfx.d2d.transfer.Deadline;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a thread that looks for progress rests: not at all at first, then ever longer, up to 1
 * ms. UCX's own wait has no time limit.
 */
final class Backoff {
    private static final int SPINS = 64;
    private static final long LEAST_NANOS = 20_000;
    private static final long MOST_NANOS = 1_000_000;

    private int spins;
    private long nanos = LEAST_NANOS;

    void reset() {
        spins = 0;
        nanos = LEAST_NANOS;
    }

    void pause(Deadline deadline) {
        if (spins < SPINS) {
            spins++;
            Thread.onSpinWait();
        } else {
            LockSupport.parkNanos(Math.min(nanos, Math.max(1, deadline.leftNanos())));
            nanos = Math.min(2 * nanos, MOST_NANOS);
        }
    }
}
