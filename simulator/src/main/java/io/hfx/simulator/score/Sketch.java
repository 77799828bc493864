package io.hfx.simulator.score;

import org.HdrHistogram.Histogram;

/**
 * Quantiles of durations in bounded memory: an HDR histogram of microseconds, within 0.1 % of the
 * true value, from 1 microsecond to 10 hours (longer ones count as that). Sketches of several runs
 * add up.
 */
public final class Sketch {
    private static final double NANOS_PER_MICRO = 1e3;
    private static final long MOST_MICROS = 36_000_000_000L;

    private final Histogram micros = new Histogram(MOST_MICROS, 3);
    private double sumNanos;

    void add(double nanos) {
        sumNanos += nanos;
        micros.recordValue(Math.min(MOST_MICROS, Math.round(nanos / NANOS_PER_MICRO)));
    }

    /** Takes all values of another sketch in. */
    public void add(Sketch other) {
        sumNanos += other.sumNanos;
        micros.add(other.micros);
    }

    public long count() {
        return micros.getTotalCount();
    }

    /** Exact mean in nanoseconds; 0 where there is none. */
    public double meanNanos() {
        return count() == 0 ? 0 : sumNanos / count();
    }

    /**
     * The value that so many are at or below, in nanoseconds; 0 where there is none.
     *
     * @param share 0 to 1
     */
    public double quantileNanos(double share) {
        return micros.getValueAtPercentile(100 * share) * NANOS_PER_MICRO;
    }
}
