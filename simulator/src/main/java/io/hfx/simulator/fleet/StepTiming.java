package io.hfx.simulator.fleet;

import io.hfx.scheduler.latency.LatencyModel;

/**
 * How long the steps of a worker really take.
 *
 * @param model mean time of a step without overhead
 * @param noiseSigma standard deviation of the logarithm of a factor on each step; 0 for none
 * @param overheadNanos what lies between two steps (planning, launch, sampling) and is not in the
 *     measured time, at least 0
 * @param slices of each step, after which it may be interrupted, at least 1
 */
public record StepTiming(LatencyModel model, double noiseSigma, long overheadNanos, int slices) {
    public StepTiming {
        if (!(noiseSigma >= 0 && noiseSigma <= 2)) {
            throw new IllegalArgumentException("noiseSigma must be 0 to 2, was " + noiseSigma);
        }
        if (overheadNanos < 0 || slices < 1) {
            throw new IllegalArgumentException(
                    "overheadNanos must be at least 0 and slices at least 1, were "
                            + overheadNanos
                            + " and "
                            + slices);
        }
    }
}
