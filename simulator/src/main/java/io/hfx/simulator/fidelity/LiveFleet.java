package io.hfx.simulator.fidelity;

import io.hfx.simulator.scenario.Objectives;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A live server as it was when a recording was made of it; the file {@code fleet.json}.
 *
 * @param backend what ran the model: {@code onnxruntime} or {@code emulated}
 * @param workers replicas of the model
 * @param slots sequences that one worker holds KV for
 * @param contextTokens longest sequence
 * @param slices of each step
 * @param waiting requests that may wait centrally, with an objective and without, each
 * @param frontMillis what a request spends outside its steps on an idle server, from its due time
 *     to its first token at the client, in milliseconds
 * @param capacityPerSecond requests completed when there are always some waiting
 * @param capacityRunsPerSecond of which that is the median
 * @param fit how well the profile tells the steps of the calibration
 * @param classes objectives of the requests
 * @param made how: command line facts, machine, commit
 */
public record LiveFleet(
        String backend,
        int workers,
        int slots,
        int contextTokens,
        int slices,
        int waiting,
        double frontMillis,
        double capacityPerSecond,
        List<Double> capacityRunsPerSecond,
        Fit fit,
        List<Objectives.Own> classes,
        Map<String, String> made) {

    /**
     * How well the profile tells the steps of the calibration.
     *
     * @param meanError mean of |predicted - measured| / measured
     * @param overheadMillis of a step, and of each of its decodes besides
     */
    public record Fit(
            int steps,
            double meanError,
            double noiseSigma,
            double overheadMillis,
            double decodeOverheadMillis) {}

    public LiveFleet {
        capacityRunsPerSecond = List.copyOf(capacityRunsPerSecond);
        classes = List.copyOf(classes);
        made = Collections.unmodifiableMap(new LinkedHashMap<>(made));
    }
}
