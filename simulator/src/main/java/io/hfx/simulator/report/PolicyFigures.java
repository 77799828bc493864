package io.hfx.simulator.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.hfx.simulator.scenario.RunResult;
import io.hfx.simulator.scenario.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * How one policy fared over rates: means over seeds, with 95 % confidence intervals beside them
 * where there is more than one seed. Maps go by rate, as a multiple of the reference capacity.
 *
 * @param goodput90 largest requests per second with an attainment of 90 %, see docs/simulator.md
 * @param attainment by mean TPOT
 * @param minClass attainment of the class that fares worst
 * @param metPerSecond requests that met their objectives
 * @param modelMape error of the workers' latency models, see {@link RunResult#modelMape}
 * @param modelBias the same with its sign
 * @param cachedShare of the prompts' tokens, those that the prefix cache had
 * @param classes attainment by class, then rate
 * @param latencyMillis by name, for example ttftP99, then rate
 * @param overHfx attainment minus that of hfx with the same seed
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record PolicyFigures(
        Map<String, String> settings,
        List<Long> seeds,
        double goodput90,
        double goodput95,
        double goodput99,
        Map<String, Double> goodputCi,
        Map<String, Double> attainment,
        Map<String, Double> attainmentCi,
        Map<String, Double> tailAttainment,
        Map<String, Double> cumulativeAttainment,
        Map<String, Double> minClass,
        Map<String, Double> minClassCi,
        Map<String, Double> metPerSecond,
        Map<String, Double> refusedShare,
        Map<String, Double> busyShare,
        Map<String, Double> modelMape,
        Map<String, Double> modelBias,
        Map<String, Double> cachedShare,
        Map<String, Map<String, Double>> classes,
        Map<String, Map<String, Double>> latencyMillis,
        Map<String, Interval> overHfx) {

    /**
     * Sums a policy up.
     *
     * @param runs its runs, by rate and then seed
     * @param ours those of hfx; empty where it did not run
     */
    static PolicyFigures of(
            Map<String, String> settings, List<RunResult> runs, List<RunResult> ours) {
        Map<String, Interval> goodput = new LinkedHashMap<>();
        for (int percent : new int[] {90, 95, 99}) {
            goodput.put("goodput" + percent, goodput(runs, percent / 100.0));
        }
        Map<String, Interval> attainment = byRate(runs, r -> r.overall().attainment());
        Map<String, Interval> minClass = byRate(runs, RunResult::minClass);
        return new PolicyFigures(
                settings,
                seeds(runs),
                mean(goodput, "goodput90"),
                mean(goodput, "goodput95"),
                mean(goodput, "goodput99"),
                widths(goodput),
                means(attainment),
                widths(attainment),
                means(byRate(runs, r -> r.overall().tailAttainment())),
                means(byRate(runs, r -> r.overall().cumulativeAttainment())),
                means(minClass),
                widths(minClass),
                means(byRate(runs, RunResult::metPerSecond)),
                means(byRate(runs, PolicyFigures::refusedShare)),
                means(byRate(runs, RunResult::busyShare)),
                means(byRate(runs, RunResult::modelMape)),
                means(byRate(runs, RunResult::modelBias)),
                means(byRate(runs, RunResult::cachedShare)),
                classes(runs),
                latency(runs),
                overHfx(runs, ours));
    }

    private static double refusedShare(RunResult run) {
        return (double) run.overall().refused() / Math.max(1, run.overall().requests());
    }

    private static List<Long> seeds(List<RunResult> runs) {
        return runs.stream().map(RunResult::seed).distinct().sorted().toList();
    }

    private static Interval goodput(List<RunResult> runs, double attainment) {
        return Interval.of(
                seeds(runs).stream()
                        .map(seed -> runs.stream().filter(r -> r.seed() == seed).toList())
                        .mapToDouble(of -> Goodput.at(of, attainment))
                        .toArray());
    }

    private static Map<String, Map<String, Double>> classes(List<RunResult> runs) {
        Set<String> names = new LinkedHashSet<>();
        runs.forEach(r -> names.addAll(r.classes().keySet()));
        Map<String, Map<String, Double>> classes = new TreeMap<>();
        for (String name : names) {
            List<RunResult> with =
                    runs.stream().filter(r -> r.classes().containsKey(name)).toList();
            classes.put(name, means(byRate(with, r -> score(r, name).attainment())));
        }
        return classes;
    }

    private static Score score(RunResult run, String sloClass) {
        Score score = run.classes().get(sloClass);
        if (score == null) {
            throw new IllegalStateException("no class " + sloClass);
        }
        return score;
    }

    private static Map<String, Map<String, Double>> latency(List<RunResult> runs) {
        Map<String, ToDoubleFunction<Score>> of = new LinkedHashMap<>();
        of.put("ttftP50", s -> s.ttftMillis().p50());
        of.put("ttftP90", s -> s.ttftMillis().p90());
        of.put("ttftP99", s -> s.ttftMillis().p99());
        of.put("tpotP50", s -> s.tpotMillis().p50());
        of.put("tpotP90", s -> s.tpotMillis().p90());
        of.put("tpotP99", s -> s.tpotMillis().p99());
        of.put("itlP99", s -> s.itlMillis().p99());
        of.put("e2eP50", s -> s.e2eMillis().p50());
        of.put("e2eP99", s -> s.e2eMillis().p99());
        Map<String, Map<String, Double>> latency = new LinkedHashMap<>();
        of.forEach(
                (name, f) ->
                        latency.put(name, means(byRate(runs, r -> f.applyAsDouble(r.overall())))));
        return latency;
    }

    private static Map<String, Interval> overHfx(List<RunResult> runs, List<RunResult> ours) {
        Map<String, Double> attainment = new LinkedHashMap<>();
        ours.forEach(r -> attainment.put(r.rate() + "/" + r.seed(), r.overall().attainment()));
        List<RunResult> paired =
                runs.stream()
                        .filter(r -> attainment.containsKey(r.rate() + "/" + r.seed()))
                        .toList();
        return byRate(
                paired,
                r ->
                        r.overall().attainment()
                                - attainment.getOrDefault(r.rate() + "/" + r.seed(), 0.0));
    }

    /** Over the seeds of each rate. */
    static Map<String, Interval> byRate(List<RunResult> runs, ToDoubleFunction<RunResult> of) {
        Map<String, List<RunResult>> groups = new LinkedHashMap<>();
        for (RunResult run : runs) {
            groups.computeIfAbsent(Double.toString(run.rate()), r -> new ArrayList<>()).add(run);
        }
        Map<String, Interval> intervals = new LinkedHashMap<>();
        groups.forEach(
                (rate, some) ->
                        intervals.put(rate, Interval.of(some.stream().mapToDouble(of).toArray())));
        return intervals;
    }

    private static double mean(Map<String, Interval> intervals, String key) {
        Interval interval = intervals.get(key);
        return interval == null ? 0 : interval.mean();
    }

    static Map<String, Double> means(Map<String, Interval> intervals) {
        Map<String, Double> means = new LinkedHashMap<>();
        intervals.forEach((key, interval) -> means.put(key, interval.mean()));
        return means;
    }

    /** Half widths, where there is more than one seed. */
    static Map<String, Double> widths(Map<String, Interval> intervals) {
        Map<String, Double> widths = new LinkedHashMap<>();
        intervals.forEach(
                (key, interval) -> {
                    if (interval.seeds() > 1) {
                        widths.put(key, interval.halfWidth());
                    }
                });
        return widths;
    }
}
