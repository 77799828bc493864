package io.hfx.plugin.service;

import io.hfx.engine.prefix.PrefixStats;
import io.hfx.scheduler.latency.FitError;
import java.util.List;
import java.util.Map;

/**
 * A snapshot of a served model.
 *
 * @param policy name of the scheduling policy
 * @param waiting requests not yet bound to a worker
 * @param running requests bound to a worker and unfinished
 * @param workers one line each
 * @param failures of workers so far, by cause; a cause that is missing had none
 * @param restarts of workers so far, by the cause of the failure before
 * @param prefixes the prefix cache; {@link PrefixStats#NONE} without one
 */
public record ServiceStatus(
        String policy,
        int waiting,
        int running,
        List<WorkerStatus> workers,
        Map<WorkerFailure, Long> failures,
        Map<WorkerFailure, Long> restarts,
        PrefixStats prefixes) {
    public ServiceStatus {
        workers = List.copyOf(workers);
        failures = Map.copyOf(failures);
        restarts = Map.copyOf(restarts);
    }

    /** Nothing waits and nothing runs, for want of workers. */
    public static ServiceStatus idle(String policy) {
        return new ServiceStatus(policy, 0, 0, List.of(), Map.of(), Map.of(), PrefixStats.NONE);
    }

    /** Whether some worker serves. */
    public boolean serves() {
        return workers.stream().anyMatch(worker -> worker.state().equals(WorkerStatus.READY));
    }

    /**
     * One worker.
     *
     * @param id of the worker
     * @param state {@link #STARTING}, {@link #READY}, {@link #DRAINING} when it is to leave, {@link
     *     #RESTARTING} after a failure, or {@link #GONE} after too many
     * @param executor name of the executor; {@code emulated} for one that only waits
     * @param optimised whether the fast form of the model is in use
     * @param steps steps completed
     * @param runningSequences sequences that hold KV
     * @param kvSlots KV slots in all
     * @param contextTokens tokens in KV
     * @param loopSeconds CPU seconds of the loop thread
     * @param executorSeconds CPU seconds of it inside the executor
     * @param fitError of its latency model
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
            double executorSeconds,
            FitError fitError) {
        public static final String STARTING = "starting";
        public static final String READY = "ready";
        public static final String DRAINING = "draining";
        public static final String RESTARTING = "restarting";
        public static final String GONE = "gone";

        /** A worker that holds nothing yet. */
        public static WorkerStatus starting(String id) {
            return new WorkerStatus(id, STARTING, "", false, 0, 0, 0, 0, 0, 0, FitError.NONE);
        }

        /** The same worker in another state. */
        public WorkerStatus with(String newState) {
            return new WorkerStatus(
                    id,
                    newState,
                    executor,
                    optimised,
                    steps,
                    runningSequences,
                    kvSlots,
                    contextTokens,
                    loopSeconds,
                    executorSeconds,
                    fitError);
        }

        /** The same worker when it no longer runs: it holds nothing. */
        public WorkerStatus ended(String newState) {
            return new WorkerStatus(
                    id,
                    newState,
                    executor,
                    optimised,
                    steps,
                    0,
                    kvSlots,
                    0,
                    loopSeconds,
                    executorSeconds,
                    fitError);
        }
    }
}
