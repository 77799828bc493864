package io.hfx.plugin.metrics;

import io.hfx.scheduler.latency.LatencyModel;
import io.micrometer.core.instrument.DistributionSummary;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Batches of whole requests of one model: their sizes, and how long they took against what was
 * expected. Thread-safe.
 */
public final class BatchFigures {
    private final LongAdder batches = new LongAdder();
    private final LongAdder requests = new LongAdder();
    private final LongAdder predictedNanos = new LongAdder();
    private final LongAdder measuredNanos = new LongAdder();
    private final LongAdder errorNanos = new LongAdder();
    private final @Nullable DistributionSummary sizes;
    private final @Nullable DistributionSummary seconds;
    private volatile @Nullable LatencyModel latency;

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
        batches.increment();
        requests.add(size);
        predictedNanos.add(expectedNanos);
        measuredNanos.add(tookNanos);
        errorNanos.add(Math.abs(expectedNanos - tookNanos));
        latency = fitted;
        if (sizes != null) {
            sizes.record(size);
        }
        if (seconds != null) {
            seconds.record(tookNanos / 1e9);
        }
    }

    public long batches() {
        return batches.sum();
    }

    /** Requests in all batches together. */
    public long requests() {
        return requests.sum();
    }

    public double predictedSeconds() {
        return predictedNanos.sum() / 1e9;
    }

    public double measuredSeconds() {
        return measuredNanos.sum() / 1e9;
    }

    /** Sum over all batches of the distance between predicted and measured. */
    public double errorSeconds() {
        return errorNanos.sum() / 1e9;
    }

    /** Null before the first batch has ended. */
    public @Nullable LatencyModel latency() {
        return latency;
    }
}
