package io.hfx.cli.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Nearest-rank percentiles of a latency, in milliseconds.
 *
 * @param count of values
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
record Percentiles(long count, double mean, double p50, double p90, double p99, double max) {
    /** Of unsorted nanoseconds; null where there are none. */
    static @Nullable Percentiles ofNanos(double[] nanos) {
        if (nanos.length == 0) {
            return null;
        }
        double[] sorted = nanos.clone();
        Arrays.sort(sorted);
        double mean = Arrays.stream(sorted).average().orElseThrow();
        return new Percentiles(
                sorted.length,
                millis(mean),
                at(sorted, 0.5),
                at(sorted, 0.9),
                at(sorted, 0.99),
                at(sorted, 1));
    }

    /** In milliseconds, of sorted nanoseconds. */
    static double at(double[] sortedNanos, double share) {
        int rank = (int) Math.ceil(share * sortedNanos.length);
        return millis(sortedNanos[Math.max(0, rank - 1)]);
    }

    private static double millis(double nanos) {
        return Math.round(nanos / 1e3) / 1e3;
    }
}
