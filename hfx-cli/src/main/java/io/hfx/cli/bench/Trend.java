package io.hfx.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether a figure grew over a run.
 *
 * @param firstQuarter median of the samples in the first quarter of the time
 * @param lastQuarter median of those in the last
 * @param perHour slope of the least-squares line through all samples
 * @param most greatest sample
 */
public record Trend(double firstQuarter, double lastQuarter, double perHour, double most) {
    private static final int FEWEST = 8;

    /**
     * Of samples at those times; null where they are too few. Samples that are NaN are left out.
     */
    static @Nullable Trend of(List<double[]> secondsAndValues) {
        List<double[]> samples =
                secondsAndValues.stream().filter(s -> !Double.isNaN(s[1])).toList();
        if (samples.size() < FEWEST) {
            return null;
        }
        double from = samples.get(0)[0];
        double length = samples.get(samples.size() - 1)[0] - from;
        return new Trend(
                median(samples.stream().filter(s -> s[0] <= from + length / 4).toList()),
                median(samples.stream().filter(s -> s[0] >= from + length * 3 / 4).toList()),
                slope(samples) * 3_600,
                samples.stream().mapToDouble(s -> s[1]).max().orElseThrow());
    }

    /** Last quarter against first, as a share of the first; null where that is 0. */
    @JsonProperty
    public @Nullable Double growth() {
        return firstQuarter == 0 ? null : lastQuarter / firstQuarter - 1;
    }

    private static double median(List<double[]> samples) {
        double[] sorted = samples.stream().mapToDouble(s -> s[1]).sorted().toArray();
        return sorted[sorted.length / 2];
    }

    private static double slope(List<double[]> samples) {
        double meanX = samples.stream().mapToDouble(s -> s[0]).average().orElseThrow();
        double meanY = samples.stream().mapToDouble(s -> s[1]).average().orElseThrow();
        double[] sums = new double[2];
        for (double[] s : samples) {
            sums[0] += (s[0] - meanX) * (s[1] - meanY);
            sums[1] += (s[0] - meanX) * (s[0] - meanX);
        }
        return sums[1] == 0 ? 0 : sums[0] / sums[1];
    }
}
