package io.hfx.benchmarks;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Some figures of one kind whose bad end counts; percentiles are the next figure above. */
record Tail(int count, double median, double p90, double p99, double worst) {
    /** Null where there are none. */
    static @Nullable Tail of(Collection<Double> figures) {
        double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return sorted.length == 0
                ? null
                : new Tail(
                        sorted.length,
                        at(sorted, 0.5),
                        at(sorted, 0.9),
                        at(sorted, 0.99),
                        at(sorted, 1));
    }

    private static double at(double[] sorted, double share) {
        double figure = sorted[(int) Math.ceil(share * sorted.length) - 1];
        return Math.round(figure * 1e4) / 1e4;
    }
}
