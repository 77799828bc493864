package io.hfx.simulator.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** The rows of a study's tables; the caller aligns them. */
public final class TextTables {
    private TextTables() {}

    /** Attainment by policy and rate, and goodput; the first row is the head. */
    public static List<String[]> attainment(StudyReport report) {
        List<String[]> rows = new ArrayList<>();
        Set<String> rates = rates(report);
        rows.add(head(rates, "seeds", "good90/s", "good95/s", "good99/s"));
        report.policies()
                .forEach(
                        (name, p) -> {
                            List<String> row = new ArrayList<>(List.of(name));
                            rates.forEach(r -> row.add(percent(p.attainment(), r)));
                            row.add(String.valueOf(p.seeds().size()));
                            row.add(number(p.goodput90()));
                            row.add(number(p.goodput95()));
                            row.add(number(p.goodput99()));
                            rows.add(row.toArray(String[]::new));
                        });
        return rows;
    }

    /** Attainment of the worst class by policy and rate. */
    public static List<String[]> minClass(StudyReport report) {
        return shares(report, PolicyFigures::minClass);
    }

    /** Share of the prompts' tokens that the prefix cache had, by policy and rate. */
    public static List<String[]> cached(StudyReport report) {
        return shares(report, PolicyFigures::cachedShare);
    }

    private static List<String[]> shares(
            StudyReport report, Function<PolicyFigures, Map<String, Double>> of) {
        List<String[]> rows = new ArrayList<>();
        Set<String> rates = rates(report);
        rows.add(head(rates));
        report.policies()
                .forEach(
                        (name, p) -> {
                            List<String> row = new ArrayList<>(List.of(name));
                            rates.forEach(r -> row.add(percent(of.apply(p), r)));
                            rows.add(row.toArray(String[]::new));
                        });
        return rows;
    }

    /** Attainment by policy and value of a swept axis. */
    public static List<String[]> sweep(StudyReport report, String axis) {
        return sweep(report, axis, StudyReport.SweptFigures::attainment);
    }

    /** Share of the prompts' tokens that the prefix cache had, by policy and value of an axis. */
    public static List<String[]> sweptCache(StudyReport report, String axis) {
        return sweep(report, axis, StudyReport.SweptFigures::cachedShare);
    }

    private static List<String[]> sweep(
            StudyReport report, String axis, Function<StudyReport.SweptFigures, Interval> of) {
        Map<String, Map<String, StudyReport.SweptFigures>> values =
                report.sweeps().getOrDefault(axis, Map.of());
        List<String[]> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of(axis));
        head.addAll(values.keySet());
        rows.add(head.toArray(String[]::new));
        for (String name : report.policies().keySet()) {
            List<String> row = new ArrayList<>(List.of(name));
            for (Map<String, StudyReport.SweptFigures> policies : values.values()) {
                StudyReport.SweptFigures figures = policies.get(name);
                row.add(figures == null ? "-" : percent(of.apply(figures).mean()));
            }
            rows.add(row.toArray(String[]::new));
        }
        return rows;
    }

    private static Set<String> rates(StudyReport report) {
        return report.policies().values().iterator().next().attainment().keySet();
    }

    private static String[] head(Set<String> rates, String... more) {
        List<String> head = new ArrayList<>(List.of("policy"));
        rates.forEach(r -> head.add(r + "x"));
        head.addAll(List.of(more));
        return head.toArray(String[]::new);
    }

    private static String percent(Map<String, Double> shares, String rate) {
        Double share = shares.get(rate);
        return share == null ? "-" : percent(share);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
