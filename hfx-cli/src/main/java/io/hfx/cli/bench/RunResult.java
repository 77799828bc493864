package io.hfx.cli.bench;

import java.util.List;

/**
 * What a run gave.
 *
 * @param records every request that was due, in the order of the workload
 * @param windowNanos length of the workload
 * @param elapsedNanos from the start to the last answer or the end of the drain
 * @param clientCpuNanos CPU time of the client's one thread
 * @param interrupted whether it was ended early
 * @param startEpochNanos when it began, in nanoseconds since 1970
 */
public record RunResult(
        List<RequestRecord> records,
        long windowNanos,
        long elapsedNanos,
        long clientCpuNanos,
        boolean interrupted,
        long startEpochNanos) {
    public RunResult {
        records = List.copyOf(records);
    }

    /** The time that rates are taken over: the window, or what was run of it. */
    public long measuredNanos() {
        return interrupted ? Math.max(1, Math.min(windowNanos, elapsedNanos)) : windowNanos;
    }
}
