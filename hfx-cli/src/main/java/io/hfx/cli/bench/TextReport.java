package io.hfx.cli.bench;

import java.util.Locale;
import java.util.Map;

/** The results of one run for a terminal. */
final class TextReport {
    private TextReport() {}

    static String of(Report report) {
        Table table =
                new Table()
                        .row(
                                "class",
                                "requests",
                                "attainment",
                                "tail",
                                "cumulative",
                                "met/s",
                                "refused",
                                "failed",
                                "unfinished",
                                "TTFT ms",
                                "TPOT ms",
                                "ITL ms",
                                "E2E ms");
        report.classes().forEach((name, summary) -> row(table, name, summary));
        if (report.classes().size() > 1) {
            row(table, "overall", report.overall());
        }
        return table + "(latencies are P50/P90/P99 from the scheduled arrival)\n" + footer(report);
    }

    private static void row(Table table, String name, Summary s) {
        Map<String, Double> modes = s.attainmentByMode();
        table.row(
                name,
                String.valueOf(s.requests()),
                Table.percent(s.attainment()),
                Table.percent(modes == null ? null : modes.get("tail")),
                Table.percent(modes == null ? null : modes.get("cumulative")),
                Table.number(s.goodputPerSecond()),
                String.valueOf(s.refused()),
                String.valueOf(s.failed()),
                String.valueOf(s.unfinished()),
                Table.spread(s.ttftMs()),
                Table.spread(s.tpotMs()),
                Table.spread(s.itlMs()),
                Table.spread(s.e2eMs()));
    }

    /** Where every request went; nothing where all clients were patient. */
    private static String clients(Report report) {
        Map<String, Accounting> clients = report.clients();
        if (clients.size() <= 2 && clients.containsKey("patient")) {
            return "";
        }
        Table table =
                new Table()
                        .row(
                                "clients",
                                "requests",
                                "completed",
                                "refused",
                                "failed",
                                "aborted",
                                "cut",
                                "unfinished",
                                "lost");
        clients.forEach(
                (kind, a) ->
                        table.row(
                                kind,
                                String.valueOf(a.due()),
                                String.valueOf(a.completed()),
                                String.valueOf(a.refused()),
                                String.valueOf(a.failed()),
                                String.valueOf(a.aborted()),
                                String.valueOf(a.cut()),
                                String.valueOf(a.unfinished()),
                                String.valueOf(a.lost())));
        return table.toString();
    }

    private static String footer(Report report) {
        StringBuilder text = new StringBuilder(clients(report));
        if (report.server() != null) {
            text.append(report.server().text());
        }
        report.total()
                .reasons()
                .forEach((reason, n) -> text.append(n).append(" x ").append(reason).append('\n'));
        Percentiles lag = report.total().sendLagMs();
        text.append(
                String.format(
                        Locale.ROOT,
                        "%s%.1f s, offered %.2f/s, completed %.2f/s, %.0f output tokens/s; send lag"
                                + " P99 %.1f ms; client CPU %.0f us/token%n",
                        report.interrupted() ? "interrupted; " : "",
                        report.elapsedSeconds(),
                        report.offeredPerSecond(),
                        report.total().completedPerSecond(),
                        report.total().outputTokensPerSecond(),
                        lag == null ? 0 : lag.p99(),
                        report.client().cpuMicrosPerToken()));
        return text.toString();
    }
}
