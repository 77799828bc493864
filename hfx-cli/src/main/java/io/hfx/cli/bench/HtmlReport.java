package io.hfx.cli.bench;

import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.slo.Slo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * One HTML file with charts that needs nothing else: the chart library is inlined. Shows one run,
 * or several side by side.
 */
public final class HtmlReport {
    private static final String CHART_JS =
            "/META-INF/resources/webjars/chart.js/4.4.4/dist/chart.umd.js";
    private static final int BINS = 30;

    private final String title;
    private final String note;
    private final List<Map<String, Object>> runs = new ArrayList<>();

    /**
     * @param note one sentence under the title
     */
    public HtmlReport(String title, String note) {
        this.title = title;
        this.note = note;
    }

    /** Adds a run under a name that is shown. */
    public void add(String name, Report report, RunResult result) {
        Map<String, List<RequestRecord>> byClass = new LinkedHashMap<>();
        for (RequestRecord record : result.records()) {
            byClass.computeIfAbsent(record.planned().sloClass().name(), n -> new ArrayList<>())
                    .add(record);
        }
        Map<String, Object> curves = new TreeMap<>();
        byClass.forEach((sloClass, records) -> curves.put(sloClass, curves(records)));
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("name", name);
        run.put("report", report);
        run.put("curves", curves);
        run.put("timeline", timeline(result));
        runs.add(run);
    }

    private static Map<String, Object> curves(List<RequestRecord> records) {
        List<SequenceTimeline> lines =
                records.stream()
                        .filter(RequestRecord::completed)
                        .map(RequestRecord::fromArrival)
                        .toList();
        Slo slo = records.get(0).planned().sloClass().slo();
        Map<String, Object> curves = new LinkedHashMap<>();
        curves.put("ttft_ms", percentiles(lines, SequenceTimeline::ttftNanos));
        curves.put(
                "tpot_ms",
                percentiles(
                        lines.stream().filter(l -> l.tokens() > 1).toList(),
                        SequenceTimeline::tpotNanos));
        curves.put("e2e_ms", percentiles(lines, SequenceTimeline::e2eNanos));
        curves.put(
                "slo",
                Map.of(
                        "ttft_ms", millis(slo.ttftNanos()),
                        "tpot_ms", millis(slo.tpotNanos()),
                        "e2e_ms", millis(slo.e2eNanos())));
        return curves;
    }

    /** In milliseconds; 0 where no objective is stated. */
    private static double millis(long objectiveNanos) {
        return objectiveNanos == Slo.NONE ? 0 : objectiveNanos / 1e6;
    }

    private static double[] percentiles(
            List<SequenceTimeline> lines, ToDoubleFunction<SequenceTimeline> of) {
        double[] sorted = lines.stream().mapToDouble(of).sorted().toArray();
        double[] at = new double[sorted.length == 0 ? 0 : 100];
        Arrays.setAll(at, i -> Percentiles.at(sorted, i / 100.0));
        return at;
    }

    /** Attainment and offered rate of the requests due in each part of the window. */
    private static List<Map<String, Object>> timeline(RunResult result) {
        double binNanos = result.measuredNanos() / (double) BINS;
        int[] due = new int[BINS];
        int[] met = new int[BINS];
        for (RequestRecord record : result.records()) {
            if (record.planned().sloClass().slo().isBestEffort()) {
                continue;
            }
            int bin = (int) (record.planned().arrival().atNanos() / binNanos);
            due[Math.min(BINS - 1, bin)]++;
            met[Math.min(BINS - 1, bin)] += record.score().met(ScoringMode.MEAN) ? 1 : 0;
        }
        List<Map<String, Object>> bins = new ArrayList<>();
        for (int i = 0; i < BINS; i++) {
            Map<String, Object> bin = new LinkedHashMap<>();
            bin.put("from_seconds", i * binNanos / 1e9);
            bin.put("due_per_second", due[i] / (binNanos / 1e9));
            bin.put("attainment", due[i] == 0 ? null : met[i] / (double) due[i]);
            bins.add(bin);
        }
        return bins;
    }

    /** The page. */
    public String html() {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("title", title);
        data.put("note", note);
        data.put("runs", runs);
        return resource("report.html")
                .replace("/*DATA*/", Report.json(data).replace("<", "\\u003c"))
                .replace("/*CHART_JS*/", resource(CHART_JS));
    }

    private static String resource(String path) {
        try (InputStream in = HtmlReport.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }
}
