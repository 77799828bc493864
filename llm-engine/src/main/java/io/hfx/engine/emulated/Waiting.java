package io.hfx.engine.emulated;

import java.util.concurrent.locks.LockSupport;

/** The clock that an emulated step waits by; a test brings one that does not wait. */
public interface Waiting {
    /** Monotonic time in nanoseconds. */
    long nanoTime();

    /**
     * Returns once {@link #nanoTime()} has reached the deadline, or early with the interrupt flag
     * set if the thread is interrupted.
     */
    void until(long deadlineNanos);

    /** The machine's monotonic clock; the thread is parked, not spinning. */
    static Waiting real() {
        return new Waiting() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void until(long deadlineNanos) {
                long leftNanos = deadlineNanos - System.nanoTime();
                while (leftNanos > 0 && !Thread.currentThread().isInterrupted()) {
                    LockSupport.parkNanos(this, leftNanos);
                    leftNanos = deadlineNanos - System.nanoTime();
                }
            }
        };
    }
}
