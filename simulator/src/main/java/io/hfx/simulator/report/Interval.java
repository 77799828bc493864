package io.hfx.simulator.report;

import io.hfx.simulator.scenario.Figures;
import java.util.Arrays;

/**
 * A mean over seeds and its 95 % confidence interval by Student's t.
 *
 * @param mean of the seeds
 * @param halfWidth of the interval; 0 for a single seed, which has none
 * @param seeds how many
 */
public record Interval(double mean, double halfWidth, int seeds) {
    /** Two-sided 95 % quantiles of Student's t by degrees of freedom, from 1. */
    private static final double[] T = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042
    };

    private static final double NORMAL = 1.96;

    /** Of one value a seed; at least one. */
    static Interval of(double... values) {
        double mean = Arrays.stream(values).average().orElseThrow();
        int n = values.length;
        if (n == 1) {
            return new Interval(Figures.rounded(mean), 0, 1);
        }
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        double error = Math.sqrt(squares / (n - 1) / n);
        double t = n - 2 < T.length ? T[n - 2] : NORMAL;
        return new Interval(Figures.rounded(mean), Figures.rounded(t * error), n);
    }
}
