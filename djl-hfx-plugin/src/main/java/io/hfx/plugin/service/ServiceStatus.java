package io.hfx.plugin.service;

import java.util.List;

/**
 * A snapshot of a served model.
 *
 * @param policy name of the scheduling policy
 * @param waiting requests not yet bound to a worker
 * @param running requests bound to a worker and unfinished
 * @param workers one line each
 */
public record ServiceStatus(String policy, int waiting, int running, List<WorkerStatus> workers) {
    public ServiceStatus {
        workers = List.copyOf(workers);
    }

    /**
     * One worker.
     *
     * @param id of the worker
     * @param state for example {@code ready}
     * @param executor name of the executor; {@code emulated} for one that only waits
     * @param optimised whether the fast form of the model is in use
     * @param steps steps completed
     * @param runningSequences sequences that hold KV
     * @param kvSlots KV slots in all
     * @param contextTokens tokens in KV
     * @param loopSeconds CPU seconds of the loop thread
     * @param executorSeconds CPU seconds of it inside the executor
     */
    public record WorkerStatus(
            String id,
            String state,
            String executor,
            boolean optimised,
            long steps,
            int runningSequences,
            int kvSlots,
            long contextTokens,
            double loopSeconds,
            double executorSeconds) {}
}
