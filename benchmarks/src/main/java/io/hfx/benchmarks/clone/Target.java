package io.hfx.benchmarks.clone;

import io.hfx.benchmarks.Spread;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What one way should reach beside another.
 *
 * @param ratio of the two, taken within each round
 * @param atLeast for the median; null where there is a greatest
 * @param atMost for the median; null where there is a least
 */
record Target(
        String what, Spread ratio, @Nullable Double atLeast, @Nullable Double atMost, boolean met) {

    private static final String RATE = "rate of %s to %s";

    /** Those whose ways were measured. */
    static List<Target> all(List<Figure> figures) {
        List<Target> targets = new ArrayList<>();
        for (int lanes : new int[] {1, 2}) {
            String within = "memcpy-" + lanes;
            String shared = "shm-copy-" + lanes;
            List<String> memcpy = List.of(within);
            String copyOnly = "rate of %s after the attach to %s";
            add(targets, figures, copyOnly, shared, Figure::copyMillis, memcpy, true, 0.8);
            add(targets, figures, RATE, shared, Figure::mainMillis, memcpy, true, 0.8);
        }
        add(
                targets,
                figures,
                RATE,
                "tcp-1",
                Figure::mainMillis,
                List.of("raw-1", "raw-1-wide"),
                true,
                0.8);
        add(
                targets,
                figures,
                "time of %s to %s",
                "paced-chain-4",
                Figure::mainMillis,
                List.of("paced-1"),
                false,
                1.3);
        return targets;
    }

    private static void add(
            List<Target> targets,
            List<Figure> figures,
            String what,
            String path,
            ToDoubleFunction<Figure> millis,
            List<String> references,
            boolean ofRates,
            double bound) {
        int rounds = figures.stream().mapToInt(Figure::round).max().orElse(-1) + 1;
        String reference = fastest(figures, references);
        List<Double> ratios = new ArrayList<>();
        IntStream.range(0, rounds)
                .forEach(
                        round -> {
                            double own = millis(figures, round, path, millis);
                            double other = millis(figures, round, reference, Figure::mainMillis);
                            double ratio = ofRates ? other / own : own / other;
                            if (Double.isFinite(ratio)) {
                                ratios.add(ratio);
                            }
                        });
        Spread spread = Spread.of(ratios);
        if (spread != null) {
            boolean met = ofRates ? spread.median() >= bound : spread.median() <= bound;
            targets.add(
                    new Target(
                            what.formatted(path, reference),
                            spread,
                            ofRates ? bound : null,
                            ofRates ? null : bound,
                            met));
        }
    }

    /** By the median: the faster one of each round would be so by luck. */
    private static String fastest(List<Figure> figures, List<String> paths) {
        return Collections.min(paths, Comparator.comparingDouble(path -> median(figures, path)));
    }

    private static double median(List<Figure> figures, String path) {
        Spread spread =
                Spread.of(
                        figures.stream()
                                .filter(f -> f.path().equals(path))
                                .map(Figure::mainMillis)
                                .toList());
        return spread == null ? Double.POSITIVE_INFINITY : spread.median();
    }

    /** NaN where the way was not measured. */
    private static double millis(
            List<Figure> figures, int round, String path, ToDoubleFunction<Figure> millis) {
        return figures.stream()
                .filter(f -> f.round() == round && f.path().equals(path))
                .mapToDouble(millis)
                .findFirst()
                .orElse(Double.NaN);
    }
}
