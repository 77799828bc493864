package io.hfx.cli.bench;

/**
 * Bounds of a run.
 *
 * @param windowNanos length of the workload, above 0
 * @param drainNanos how long to wait for the last streams after it
 * @param concurrency most requests on the wire at once; later ones wait here and their latency
 *     counts from their scheduled arrival all the same
 */
public record RunLimits(long windowNanos, long drainNanos, int concurrency) {
    public RunLimits {
        if (windowNanos <= 0 || drainNanos < 0 || concurrency < 1) {
            throw new IllegalArgumentException("window, drain and concurrency must be positive");
        }
    }
}
