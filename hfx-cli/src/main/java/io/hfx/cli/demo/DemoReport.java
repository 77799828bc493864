package io.hfx.cli.demo;

import io.hfx.cli.bench.Capacity;
import io.hfx.cli.bench.HtmlReport;
import io.hfx.cli.bench.Report;
import io.hfx.cli.bench.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The policies side by side: a table, JSON and a page. */
public final class DemoReport {
    private final DemoPlan plan;
    private final double[] capacitiesPerSecond;
    private final double offeredPerSecond;
    private final Map<String, PolicyRun> runs;

    DemoReport(
            DemoPlan plan,
            double[] capacitiesPerSecond,
            double offeredPerSecond,
            Map<String, PolicyRun> runs) {
        this.plan = plan;
        this.capacitiesPerSecond = capacitiesPerSecond;
        this.offeredPerSecond = offeredPerSecond;
        this.runs = runs;
    }

    /** For a terminal. */
    public String table() {
        List<String> classes =
                runs.values().stream()
                        .flatMap(run -> run.report().classes().keySet().stream())
                        .distinct()
                        .sorted()
                        .toList();
        List<String> heads = new ArrayList<>(List.of("policy", "attainment"));
        heads.addAll(classes);
        heads.addAll(List.of("met/s", "refused", "failed", "unfinished"));
        classes.forEach(name -> heads.add("TTFT P99 " + name));
        Table table = new Table().row(heads.toArray(new String[0]));
        runs.forEach((policy, run) -> table.row(cells(policy, run.report(), classes)));
        return table.toString();
    }

    private static String[] cells(String policy, Report report, List<String> classes) {
        List<String> cells = new ArrayList<>();
        cells.add(policy);
        cells.add(Table.percent(report.attainment()));
        classes.forEach(name -> cells.add(Table.percent(report.attainment(name))));
        cells.add(Table.number(report.goodputPerSecond()));
        cells.addAll(report.missedCounts());
        classes.forEach(name -> cells.add(report.ttftP99(name)));
        return cells.toArray(new String[0]);
    }

    /** The schema is in docs/bench.md. */
    public String json() {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("seconds", plan.seconds());
        config.put("rate_factor", plan.rateFactor());
        config.put("seed", plan.seed());
        config.put("model", plan.model().toString());
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("config", config);
        root.put("capacity_per_second", Capacity.median(capacitiesPerSecond));
        root.put("capacity_runs_per_second", capacitiesPerSecond);
        root.put("offered_per_second", offeredPerSecond);
        Map<String, Report> policies = new LinkedHashMap<>();
        runs.forEach((policy, run) -> policies.put(policy, run.report()));
        root.put("policies", policies);
        return Report.json(root);
    }

    /** One page that needs nothing else. */
    public String html() {
        HtmlReport page =
                new HtmlReport(
                        "HFX demo: one load, " + runs.size() + " policies",
                        String.format(
                                Locale.ROOT,
                                "Three SLO classes at %.1fx capacity (%.2f of %.2f requests/s) for"
                                        + " %.0f s, seed %d.",
                                plan.rateFactor(),
                                offeredPerSecond,
                                Capacity.median(capacitiesPerSecond),
                                plan.seconds(),
                                plan.seed()));
        runs.forEach((policy, run) -> page.add(policy, run.report(), run.result()));
        return page.html();
    }
}
