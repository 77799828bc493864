package io.hfx.cli.simulate;

import io.hfx.cli.bench.Table;
import io.hfx.simulator.fidelity.Comparison;
import io.hfx.simulator.fidelity.Errors;
import io.hfx.simulator.fidelity.FidelityReport;
import io.hfx.simulator.fidelity.LiveFleet;
import io.hfx.simulator.fidelity.Simulated;
import io.hfx.simulator.scenario.Score;
import java.util.Locale;
import java.util.function.Function;

/** Live figures and the errors of their simulations, for a terminal. */
final class FidelityTable {
    private FidelityTable() {}

    static String of(FidelityReport report) {
        LiveFleet fleet = report.fleet();
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%d workers (%s), capacity %.2f requests/s, front %.2f ms; profile: mean"
                                + " error %.1f %%, noise %.3f, overhead %.2f ms and %.3f ms a decode%n",
                        fleet.workers(),
                        fleet.backend(),
                        fleet.capacityPerSecond(),
                        fleet.frontMillis(),
                        100 * fleet.fit().meanError(),
                        fleet.fit().noiseSigma(),
                        fleet.fit().overheadMillis(),
                        fleet.fit().decodeOverheadMillis()));
        for (Comparison c : report.comparisons()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%n%s at %.0f %%: %d requests, %d completed (simulated %d), %.0f"
                                    + " tokens/s; server's own means in ms: %s%n",
                            c.policy(),
                            100 * c.load(),
                            c.live().requests(),
                            c.live().completed(),
                            c.simulated().mean().completed(),
                            c.tokensPerSecond(),
                            c.serverMillis()));
            text.append(table(c));
        }
        return text.toString();
    }

    private static Table table(Comparison c) {
        Table table = new Table().row("", "mean", "P50", "P90", "P99");
        latency(table, c, "TTFT", Score::ttftMillis, Errors::ttft);
        latency(table, c, "TPOT", Score::tpotMillis, Errors::tpot);
        latency(table, c, "E2E", Score::e2eMillis, Errors::e2e);
        table.row("attainment live", Table.percent(c.live().attainment()));
        Simulated s = c.simulated();
        table.row(
                "  simulated",
                points(s.error()),
                "(" + points(s.least()) + " to " + points(s.most()) + ")");
        if (c.replayed() != null) {
            table.row("  replayed", points(c.replayed().error()));
        }
        return table;
    }

    private static void latency(
            Table table,
            Comparison c,
            String name,
            Function<Score, Score.Spread> spread,
            Function<Errors, Errors.Relative> errors) {
        Score.Spread live = spread.apply(c.live());
        table.row(
                name + " live, ms",
                Table.number(live.mean()),
                Table.number(live.p50()),
                Table.number(live.p90()),
                Table.number(live.p99()));
        error(table, "  simulated", errors.apply(c.simulated().error()));
        error(table, "    least", errors.apply(c.simulated().least()));
        error(table, "    most", errors.apply(c.simulated().most()));
        Simulated replayed = c.replayed();
        if (replayed != null) {
            error(table, "  replayed", errors.apply(replayed.error()));
        }
    }

    private static void error(Table table, String name, Errors.Relative e) {
        table.row(name, signed(e.mean()), signed(e.p50()), signed(e.p90()), signed(e.p99()));
    }

    private static String signed(double share) {
        return String.format(Locale.ROOT, "%+.1f %%", 100 * share);
    }

    private static String points(Errors e) {
        return String.format(Locale.ROOT, "%+.1f pt", e.attainmentPoints());
    }
}
