package io.hfx.benchmarks.djl;

import io.hfx.benchmarks.Spread;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares two servers by the runs that they made in the same rounds. */
final class Pairs {
    private Pairs() {}

    /** {@code figure} of {@code server} divided by that of {@code against}, for each round. */
    static <R extends ServerRun> @Nullable Spread ratios(
            List<R> runs, String server, String against, Function<R, @Nullable Double> figure) {
        return compared(runs, server, against, figure, (one, other) -> one / other);
    }

    /** {@code figure} of {@code server} less that of {@code against}, for each round. */
    static <R extends ServerRun> @Nullable Spread differences(
            List<R> runs, String server, String against, Function<R, @Nullable Double> figure) {
        return compared(runs, server, against, figure, (one, other) -> one - other);
    }

    /** Null where no round has both figures; a division by zero does not count. */
    private static <R extends ServerRun> @Nullable Spread compared(
            List<R> runs,
            String server,
            String against,
            Function<R, @Nullable Double> figure,
            DoubleBinaryOperator operator) {
        List<Double> results = new ArrayList<>();
        runs.stream()
                .collect(Collectors.groupingBy(ServerRun::round))
                .values()
                .forEach(
                        round -> {
                            Double one = figure(round, server, figure);
                            Double other = figure(round, against, figure);
                            if (one != null && other != null) {
                                double result = operator.applyAsDouble(one, other);
                                if (Double.isFinite(result)) {
                                    results.add(result);
                                }
                            }
                        });
        return Spread.of(results);
    }

    private static <R extends ServerRun> @Nullable Double figure(
            List<R> round, String server, Function<R, @Nullable Double> figure) {
        for (R run : round) {
            if (run.server().equals(server)) {
                return figure.apply(run);
            }
        }
        return null;
    }

    /** The names in an order of each round's own, so that none is always first. */
    static List<String> order(List<String> servers, int turn) {
        int count = servers.size();
        String[] order = new String[count];
        Arrays.setAll(order, i -> servers.get((i + turn) % count));
        return List.of(order);
    }

    /** A run on one of the servers that are compared. */
    interface ServerRun extends Ledger.Run {
        String server();
    }
}
