package io.hfx.simulator.fleet;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;

/**
 * How long the steps of a worker really take.
 *
 * @param model mean time of a step without overhead
 * @param noiseSigma standard deviation of the logarithm of a factor on each step; 0 for none
 * @param overheadNanos what lies between two steps (planning, launch) and is not in the measured
 *     time, at least 0
 * @param decodeOverheadNanos the same for each decoding sequence (sampling, handing its token on),
 *     at least 0
 * @param slices of each step, after which it may be interrupted, at least 1
 */
public record StepTiming(
        LatencyModel model,
        double noiseSigma,
        long overheadNanos,
        long decodeOverheadNanos,
        int slices) {
    public StepTiming {
        if (!(noiseSigma >= 0 && noiseSigma <= 2)) {
            throw new IllegalArgumentException("noiseSigma must be 0 to 2, was " + noiseSigma);
        }
        if (overheadNanos < 0 || decodeOverheadNanos < 0 || slices < 1) {
            throw new IllegalArgumentException(
                    "overheadNanos and decodeOverheadNanos must be at least 0 and slices at least 1,"
                            + " were "
                            + overheadNanos
                            + ", "
                            + decodeOverheadNanos
                            + " and "
                            + slices);
        }
    }

    /** One whose overhead is the same for every step. */
    public StepTiming(LatencyModel model, double noiseSigma, long overheadNanos, int slices) {
        this(model, noiseSigma, overheadNanos, 0, slices);
    }

    /** What lies between such a step and the one before it, in nanoseconds. */
    public long overheadNanos(StepShape shape) {
        return overheadNanos + shape.decodes() * decodeOverheadNanos;
    }

    public StepTiming withNoise(double sigma) {
        return new StepTiming(model, sigma, overheadNanos, decodeOverheadNanos, slices);
    }

    public StepTiming withSlices(int count) {
        return new StepTiming(model, noiseSigma, overheadNanos, decodeOverheadNanos, count);
    }
}
