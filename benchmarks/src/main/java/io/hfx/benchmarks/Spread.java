package io.hfx.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Some figures of one kind.
 *
 * @param median of an even count the mean of the middle two
 */
public record Spread(int count, double median, double least, double most) {
    /** Null where there are none. */
    public static @Nullable Spread of(Collection<Double> figures) {
        double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int count = sorted.length;
        return count == 0
                ? null
                : new Spread(
                        count,
                        rounded((sorted[(count - 1) / 2] + sorted[count / 2]) / 2),
                        rounded(sorted[0]),
                        rounded(sorted[count - 1]));
    }

    /** Of those items that have the figure. */
    public static <T> @Nullable Spread of(List<T> items, Function<T, @Nullable Double> figure) {
        List<Double> figures = new ArrayList<>();
        for (T item : items) {
            Double one = figure.apply(item);
            if (one != null) {
                figures.add(one);
            }
        }
        return of(figures);
    }

    public boolean contains(double figure) {
        return figure >= least && figure <= most;
    }

    private static double rounded(double figure) {
        return Math.round(figure * 1e4) / 1e4;
    }
}
