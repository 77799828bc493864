package io.hfx.simulator.workload;

/** A workload that cannot be made or read; the message names the file, line and field. */
public final class WorkloadException extends RuntimeException {
    public WorkloadException(String message) {
        super(message);
    }
}
