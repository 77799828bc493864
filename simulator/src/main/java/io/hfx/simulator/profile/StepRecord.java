package io.hfx.simulator.profile;

import io.hfx.scheduler.latency.StepShape;

/**
 * One measured step.
 *
 * @param shape what ran, not empty
 * @param nanos how long it took, above 0
 */
public record StepRecord(StepShape shape, long nanos) {
    public StepRecord {
        if (shape.isEmpty() || nanos <= 0) {
            throw new IllegalArgumentException(
                    "a step must have run something for a while, was " + shape + ", " + nanos);
        }
    }
}
