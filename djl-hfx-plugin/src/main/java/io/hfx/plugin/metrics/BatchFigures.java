package io.hfx.plugin.metrics;

import io.hfx.scheduler.latency.LatencyModel;
import io.micrometer.core.instrument.DistributionSummary;
import org.jspecify.annotations.Nullable;

/**
 * Batches of whole requests of one model: their sizes, and how long they took against what was
 * expected. Thread-safe.
 */
public final class BatchFigures {
    private long batches;
    private long requests;
    private long predictedNanos;
    private long measuredNanos;
    private long errorNanos;
    private final @Nullable DistributionSummary sizes;
    private final @Nullable DistributionSummary seconds;
    private @Nullable LatencyModel latency;

    BatchFigures(@Nullable DistributionSummary sizes, @Nullable DistributionSummary seconds) {
        this.sizes = sizes;
        this.seconds = seconds;
    }

    /**
     * A batch is over.
     *
     * @param size its requests
     * @param expectedNanos as predicted when it began
     * @param tookNanos as measured
     * @param fitted the model as it is after that batch
     */
    public void ended(int size, long expectedNanos, long tookNanos, LatencyModel fitted) {
        synchronized (this) {
            batches++;
            requests += size;
            predictedNanos += expectedNanos;
            measuredNanos += tookNanos;
            errorNanos += Math.abs(expectedNanos - tookNanos);
            latency = fitted;
        }
        if (sizes != null) {
            sizes.record(size);
        }
        if (seconds != null) {
            seconds.record(tookNanos / 1e9);
        }
    }

    public synchronized long batches() {
        return batches;
    }

    /** Requests in all batches together. */
    public synchronized long requests() {
        return requests;
    }

    public synchronized double predictedSeconds() {
        return predictedNanos / 1e9;
    }

    public synchronized double measuredSeconds() {
        return measuredNanos / 1e9;
    }

    /** Sum over all batches of the distance between predicted and measured. */
    public synchronized double errorSeconds() {
        return errorNanos / 1e9;
    }

    /** Null before the first batch has ended. */
    public synchronized @Nullable LatencyModel latency() {
        return latency;
    }
}
