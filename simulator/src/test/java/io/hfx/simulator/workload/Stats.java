package io.hfx.simulator.workload;

import java.util.List;
import java.util.function.ToIntFunction;

/** Statistics of arrivals for assertions. */
final class Stats {
    private Stats() {}

    /** Linearly interpolated, as the published figures are. */
    static double percentile(List<Arrival> arrivals, ToIntFunction<Arrival> of, double share) {
        int[] sorted = arrivals.stream().mapToInt(of).sorted().toArray();
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** Pearson correlation of the logarithms of prompt and output lengths. */
    static double logCorrelation(List<Arrival> arrivals) {
        double n = arrivals.size();
        double x = 0;
        double y = 0;
        double xx = 0;
        double yy = 0;
        double xy = 0;
        for (Arrival a : arrivals) {
            double p = Math.log(a.promptTokens());
            double o = Math.log(a.outputTokens());
            x += p / n;
            y += o / n;
            xx += p * p / n;
            yy += o * o / n;
            xy += p * o / n;
        }
        return (xy - x * y) / Math.sqrt((xx - x * x) * (yy - y * y));
    }
}
