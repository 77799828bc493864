package io.hfx.benchmarks;

import io.hfx.benchmarks.StepTrace.Pause;
import io.hfx.benchmarks.StepTrace.Step;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What became of a tight request that came while a loose one's step ran.
 *
 * @param layerMs median time of a layer of that step
 * @param interrupted whether the step was suspended for it
 * @param startMs from its being put into the worker's inbox to the start of the first step with it
 * @param decodeMs for each of its tokens but the last, while the loose step was not over: from the
 *     token to the start of the step with the next one
 * @param firstMs from its submission to its first token
 * @param met whether it kept its objectives
 * @param repeatedLayers layers of the loose step that ran twice
 * @param pausedMs for which the loose step was suspended
 * @param swappedMs of that, what no other step ran in
 * @param resumedLayers times of its first layers after a pause, in layers
 */
record Interruption(
        double layerMs,
        boolean interrupted,
        double startMs,
        List<Double> decodeMs,
        double firstMs,
        boolean met,
        int repeatedLayers,
        double pausedMs,
        double swappedMs,
        List<Double> resumedLayers) {

    /**
     * Reads it from a trace.
     *
     * @param boundNanos when the tight request was put into the inbox
     * @return null where no loose step ran then
     */
    static @Nullable Interruption of(
            List<Step> steps,
            long looseId,
            long tightId,
            long boundNanos,
            long firstNanos,
            boolean met) {
        Step loose = first(steps, step -> step.has(looseId) && step.ranAt(boundNanos));
        Step tight = first(steps, step -> step.has(tightId));
        if (loose == null || tight == null) {
            return null;
        }
        List<Double> resumed = new ArrayList<>();
        double pausedNanos = 0;
        for (Pause pause : loose.pauses) {
            pausedNanos += pause.nanos();
            resumed.add(loose.sliceNanos.get(pause.afterSlices()) / loose.layerNanos());
        }
        double othersNanos = 0;
        for (Step step : steps) {
            boolean within = loose.startNanos < step.startNanos && step.endNanos < loose.endNanos;
            othersNanos += within ? step.endNanos - step.startNanos : 0;
        }
        return new Interruption(
                loose.layerNanos() / 1e6,
                !loose.pauses.isEmpty(),
                (tight.startNanos - boundNanos) / 1e6,
                decodeMs(steps, tightId, loose),
                firstNanos / 1e6,
                met,
                loose.sliceNanos.size() - loose.slices,
                pausedNanos / 1e6,
                (pausedNanos - othersNanos) / 1e6,
                resumed);
    }

    private static List<Double> decodeMs(List<Step> steps, long tightId, Step loose) {
        List<Step> own = steps.stream().filter(step -> step.has(tightId)).toList();
        List<Double> waits = new ArrayList<>();
        for (int i = 1; i < own.size(); i++) {
            Step before = own.get(i - 1);
            if (own.get(i).decodes(tightId) && before.endNanos < loose.endNanos) {
                waits.add((own.get(i).startNanos - before.endNanos) / 1e6);
            }
        }
        return waits;
    }

    private static @Nullable Step first(List<Step> steps, Predicate<Step> which) {
        return steps.stream().filter(which).findFirst().orElse(null);
    }

    double startLayers() {
        return startMs / layerMs;
    }

    List<Double> decodeLayers() {
        return decodeMs.stream().map(ms -> ms / layerMs).toList();
    }

    /** What is published of many. */
    static Map<String, Object> report(List<Interruption> all) {
        List<Interruption> hit = all.stream().filter(Interruption::interrupted).toList();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("arrivals", all.size());
        out.put("interrupting", hit.size());
        out.put("metOfInterrupting", count(hit, Interruption::met));
        out.put("metOfOthers", count(all, Interruption::met) - count(hit, Interruption::met));
        out.put("layerMs", tail(hit, Interruption::layerMs));
        out.put("startMs", tail(hit, Interruption::startMs));
        out.put("startLayers", tail(hit, Interruption::startLayers));
        out.put(
                "startWithin2Layers",
                (double) count(hit, i -> i.startLayers() <= 2) / Math.max(1, hit.size()));
        out.put("firstTokenMs", tail(hit, Interruption::firstMs));
        List<Double> decodes = flat(hit, Interruption::decodeLayers);
        if (!decodes.isEmpty()) {
            out.put("decodeLayers", Tail.of(decodes));
            double within = decodes.stream().filter(layers -> layers <= 2).count();
            out.put("decodeWithin2Layers", within / decodes.size());
        }
        out.put("repeatedLayers", hit.stream().mapToInt(Interruption::repeatedLayers).sum());
        out.put("pausedMs", tail(hit, Interruption::pausedMs));
        out.put("swappedMs", tail(hit, Interruption::swappedMs));
        out.put("resumedLayers", Tail.of(flat(hit, Interruption::resumedLayers)));
        return out;
    }

    private static long count(List<Interruption> all, Predicate<Interruption> which) {
        return all.stream().filter(which).count();
    }

    private static @Nullable Tail tail(
            List<Interruption> all, Function<Interruption, Double> figure) {
        return Tail.of(all.stream().map(figure).toList());
    }

    private static List<Double> flat(
            List<Interruption> all, Function<Interruption, List<Double>> figures) {
        return all.stream().map(figures).flatMap(List::stream).toList();
    }
}
