package io.hfx.plugin.weights;

/**
 * Finds the rate at which a seed may send while its own requests run. From windows of steps it
 * takes the mean slowdown, the time of steps to their time unhurt: above the tolerated one the rate
 * falls by a factor, below half of it the rate rises, at first by doubling, after the first sign of
 * hurt by a constant; between the two it stays. Ours, in the manner of TCP's congestion avoidance
 * (additive increase, multiplicative decrease). Holds no clock; one thread.
 */
final class EgressThrottle {
    /** The rate to begin with, which is never gone below, and what is added at a time. */
    static final long FLOOR_BYTES_PER_SECOND = 32_000_000;

    /** More than any link carries; never gone beyond. */
    static final long TOP_BYTES_PER_SECOND = 32_000_000_000L;

    /** A window has at least so many steps and so much time. */
    static final int WINDOW_STEPS = 8;

    static final long WINDOW_NANOS = 100_000_000;

    private static final double DECREASE = 0.7;
    private static final int NONE = -1;

    private final double tolerated;
    private long bytesPerSecond;
    private boolean doubling;
    private long windowStartNanos;
    private int steps;
    private double sum;
    private double slowdown;
    private long cuts;

    /**
     * @param tolerated mean slowdown, above 1
     */
    EgressThrottle(double tolerated) {
        if (!(tolerated > 1)) {
            throw new IllegalArgumentException("a slowdown above 1, was " + tolerated);
        }
        this.tolerated = tolerated;
        begin();
    }

    /** Another transfer begins, of which nothing is known. */
    void begin() {
        bytesPerSecond = FLOOR_BYTES_PER_SECOND;
        doubling = true;
        slowdown = 1;
        steps = NONE;
    }

    /**
     * A step ended while weights moved.
     *
     * @param atNanos not before that of the step before
     * @param ratio its time to its time unhurt
     */
    void stepped(long atNanos, double ratio) {
        if (steps == NONE) { // it began at the rate before
            windowStartNanos = atNanos;
            sum = 0;
            steps = 0;
            return;
        }
        steps++;
        sum += ratio;
        if (steps >= WINDOW_STEPS && atNanos - windowStartNanos >= WINDOW_NANOS) {
            slowdown = sum / steps;
            steps = NONE;
            adapt();
        }
    }

    private void adapt() {
        long rate = bytesPerSecond;
        if (slowdown > tolerated) {
            rate = Math.round(rate * DECREASE);
            doubling = false;
            cuts++;
        } else if (slowdown > (1 + tolerated) / 2) {
            doubling = false;
        } else {
            rate += doubling ? rate : FLOOR_BYTES_PER_SECOND;
        }
        bytesPerSecond = Math.max(FLOOR_BYTES_PER_SECOND, Math.min(rate, TOP_BYTES_PER_SECOND));
    }

    long bytesPerSecond() {
        return bytesPerSecond;
    }

    /** Mean of the last whole window; 1 before there is one. */
    double slowdown() {
        return slowdown;
    }

    double tolerated() {
        return tolerated;
    }

    /** How often the rate fell, over all transfers. */
    long cuts() {
        return cuts;
    }
}
