package io.hfx.cli.record;

import io.hfx.plugin.config.SloClasses;
import io.hfx.simulator.fidelity.LiveFleet;
import io.hfx.simulator.scenario.Objectives;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be recorded.
 *
 * @param folder of the recording
 * @param profile name or file of the emulated backend's latency profile; null for ONNX Runtime
 * @param model folder of the checkpoint; made if it is not there
 * @param workers replicas
 * @param slots sequences of one worker
 * @param load what is sent
 * @param classesFile of SLO classes, as the server reads it
 * @param classes the same, read
 * @param policies recorded, each at all loads
 * @param loads shares of the capacity
 * @param seconds of arrivals in each run
 * @param calibrationSeconds of each of the runs that measure the capacity
 * @param capacityPerSecond stands for the capacity, which is not measured then; null to measure it
 * @param pinned whether the server gets core 0 for itself and this process core 1
 * @param commit of the program
 */
public record RecordPlan(
        Path folder,
        @Nullable String profile,
        Path model,
        int workers,
        int slots,
        OfferedLoad load,
        Path classesFile,
        SloClasses classes,
        List<String> policies,
        List<Double> loads,
        double seconds,
        double calibrationSeconds,
        @Nullable Double capacityPerSecond,
        boolean pinned,
        String commit) {
    public RecordPlan {
        policies = List.copyOf(policies);
        loads = List.copyOf(loads);
    }

    /** As the server's key {@code hfx_backend} names it. */
    String backend() {
        return profile == null ? "onnxruntime" : "emulated";
    }

    /** The objectives as files have them. */
    List<Objectives.Own> objectives() {
        return classes.all().stream().map(Objectives.Own::of).toList();
    }

    /** Whether it describes this server. */
    boolean fits(LiveFleet fleet) {
        return fleet.backend().equals(backend())
                && fleet.workers() == workers
                && fleet.slots() == slots
                && fleet.contextTokens() == load.contextTokens()
                && fleet.classes().equals(objectives());
    }
}
