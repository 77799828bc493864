package io.hfx.d2d.transfer;

/**
 * Spreads the bytes that a seed sends, over all its links together, to a rate that may change at
 * any time. Any thread.
 */
public final class Pacer {
    /** The rate that means no pacing. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final long MIN_RATE = 1024;

    /** Sleeps overshoot; what was slept too long within this time is made good. */
    private static final long CREDIT_NANOS = 5_000_000;

    private long bytesPerSecond;
    private long freeAtNanos = System.nanoTime();

    /**
     * Paces to a rate.
     *
     * @param bytesPerSecond at least 1,024; {@link #UNLIMITED} for no pacing
     */
    public Pacer(long bytesPerSecond) {
        setBytesPerSecond(bytesPerSecond);
    }

    /** Changes the rate, for what is not yet on its way. */
    public synchronized void setBytesPerSecond(long rate) {
        if (rate < MIN_RATE) {
            throw new IllegalArgumentException(
                    "the rate is " + rate + " bytes per second; allowed: at least " + MIN_RATE);
        }
        bytesPerSecond = rate;
    }

    public synchronized long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** Whether bytes need to be sent in small pieces now. */
    synchronized boolean paces() {
        return bytesPerSecond != UNLIMITED;
    }

    /** Takes the next free time for some bytes; returns how long to wait before sending them. */
    synchronized long reserveNanos(int bytes) {
        if (!paces()) {
            return 0;
        }
        long now = System.nanoTime();
        long start = Math.max(freeAtNanos, now - CREDIT_NANOS);
        freeAtNanos = start + (long) (bytes * 1e9 / bytesPerSecond);
        return Math.max(0, start - now);
    }
}
