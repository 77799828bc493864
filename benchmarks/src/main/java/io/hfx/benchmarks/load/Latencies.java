package io.hfx.benchmarks.load;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Collects latencies; three digits are kept. */
public final class Latencies {
    private static final long MOST_NANOS = 3_600_000_000_000L;

    private final Histogram nanos = new Histogram(MOST_NANOS, 3);

    public void add(long latencyNanos) {
        nanos.recordValue(Math.max(0, Math.min(latencyNanos, MOST_NANOS)));
    }

    /** Null where there were none. */
    public @Nullable Summary summary() {
        return nanos.getTotalCount() == 0
                ? null
                : new Summary(
                        nanos.getTotalCount(),
                        millis(nanos.getMean()),
                        at(50),
                        at(90),
                        at(99),
                        millis((double) nanos.getMaxValue()));
    }

    private double at(double percentile) {
        return millis((double) nanos.getValueAtPercentile(percentile));
    }

    /** In milliseconds, to the microsecond. */
    private static double millis(double nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }

    /**
     * Percentiles in milliseconds.
     *
     * @param count of values
     */
    public record Summary(
            long count, double meanMs, double p50Ms, double p90Ms, double p99Ms, double maxMs) {}
}
