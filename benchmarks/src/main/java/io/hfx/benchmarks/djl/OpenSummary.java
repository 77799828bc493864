package io.hfx.benchmarks.djl;

import io.hfx.benchmarks.Spread;
import io.hfx.benchmarks.djl.SloMix.Score;
import io.hfx.benchmarks.load.Latencies;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the runs of an open loop say, by load. */
final class OpenSummary {
    private OpenSummary() {}

    /** At one load: medians of each server, and HFX against stock by rounds. */
    private record AtLoad(Map<String, Server> servers, Paired hfxToStock) {}

    private record Server(
            @Nullable Spread offeredPerSecond,
            @Nullable Spread capacity,
            @Nullable Spread completedInWindow,
            @Nullable Spread attainment,
            @Nullable Spread bestEffortOfLeftover,
            @Nullable Spread cpuSecondsOfOthers,
            Map<String, OfClass> classes) {}

    private record OfClass(
            @Nullable Spread attainment,
            @Nullable Spread completed,
            @Nullable Spread completedInWindow,
            @Nullable Spread meanMs,
            @Nullable Spread p50Ms,
            @Nullable Spread p99Ms,
            @Nullable Spread maxMs) {}

    private record Paired(
            @Nullable Spread capacityRatio,
            @Nullable Spread completedInWindowRatio,
            @Nullable Spread attainmentDifference,
            Map<String, PairedClass> classes) {}

    private record PairedClass(
            @Nullable Spread attainmentDifference,
            @Nullable Spread meanRatio,
            @Nullable Spread p50Ratio,
            @Nullable Spread p99Ratio) {}

    static Map<String, Object> of(List<OpenRun> runs) {
        Map<String, Object> byLoad = new LinkedHashMap<>();
        for (double load : runs.stream().map(OpenRun::load).distinct().toList()) {
            byLoad.put(
                    "load " + load, atLoad(runs.stream().filter(r -> r.load() == load).toList()));
        }
        return byLoad;
    }

    private static AtLoad atLoad(List<OpenRun> runs) {
        Map<String, Server> servers = new LinkedHashMap<>();
        for (String name : List.of(Servers.STOCK, Servers.HFX)) {
            servers.put(name, server(runs.stream().filter(r -> r.server().equals(name)).toList()));
        }
        Map<String, PairedClass> classes = new LinkedHashMap<>();
        for (SloMix.SloClass each : SloMix.CLASSES) {
            classes.put(
                    each.name(),
                    new PairedClass(
                            differences(runs, of(each, Score::attainment)),
                            ratios(runs, latency(each, Latencies.Summary::meanMs)),
                            ratios(runs, latency(each, Latencies.Summary::p50Ms)),
                            ratios(runs, latency(each, Latencies.Summary::p99Ms))));
        }
        return new AtLoad(
                servers,
                new Paired(
                        ratios(runs, OpenRun::capacityBefore),
                        ratios(runs, run -> (double) run.completedInWindow()),
                        differences(runs, OpenRun::attainment),
                        classes));
    }

    private static Server server(List<OpenRun> runs) {
        Map<String, OfClass> classes = new LinkedHashMap<>();
        for (SloMix.SloClass each : SloMix.CLASSES) {
            classes.put(
                    each.name(),
                    new OfClass(
                            Spread.of(runs, of(each, Score::attainment)),
                            Spread.of(runs, of(each, score -> (double) score.completed())),
                            Spread.of(runs, of(each, score -> (double) score.completedInWindow())),
                            Spread.of(runs, latency(each, Latencies.Summary::meanMs)),
                            Spread.of(runs, latency(each, Latencies.Summary::p50Ms)),
                            Spread.of(runs, latency(each, Latencies.Summary::p99Ms)),
                            Spread.of(runs, latency(each, Latencies.Summary::maxMs))));
        }
        return new Server(
                Spread.of(runs, OpenRun::offeredPerSecond),
                Spread.of(runs, run -> (run.capacityBefore() + run.capacityAfter()) / 2),
                Spread.of(runs, run -> (double) run.completedInWindow()),
                Spread.of(runs, OpenRun::attainment),
                Spread.of(runs, OpenRun::bestEffortOfLeftover),
                Spread.of(runs, run -> run.cpuSeconds().others()),
                classes);
    }

    private static Function<OpenRun, @Nullable Double> of(
            SloMix.SloClass of, Function<Score, @Nullable Double> figure) {
        return run -> {
            Score score = run.classes().get(of.name());
            return score == null ? null : figure.apply(score);
        };
    }

    private static Function<OpenRun, @Nullable Double> latency(
            SloMix.SloClass of, Function<Latencies.Summary, Double> figure) {
        return of(of, score -> score.latency() == null ? null : figure.apply(score.latency()));
    }

    private static @Nullable Spread ratios(
            List<OpenRun> runs, Function<OpenRun, @Nullable Double> figure) {
        return Pairs.ratios(runs, Servers.HFX, Servers.STOCK, figure);
    }

    private static @Nullable Spread differences(
            List<OpenRun> runs, Function<OpenRun, @Nullable Double> figure) {
        return Pairs.differences(runs, Servers.HFX, Servers.STOCK, figure);
    }
}
