package io.hfx.simulator.profile;

import io.hfx.scheduler.latency.StepShape;

/**
 * One measured step.
 *
 * @param shape what ran, not empty
 * @param nanos how long it took, above 0
 * @param worker where; empty where the recording does not say
 * @param endEpochNanos when it was over, in nanoseconds since 1970; 0 where the recording does not
 *     say
 * @param overheadNanos what the worker did between the step before and its end besides running it;
 *     -1 where the recording does not say, or it was interrupted
 */
public record StepRecord(
        StepShape shape, long nanos, String worker, long endEpochNanos, long overheadNanos) {
    /** What is not known of a step's overhead. */
    public static final long UNKNOWN = -1;

    public StepRecord {
        if (shape.isEmpty() || nanos <= 0) {
            throw new IllegalArgumentException(
                    "a step must have run something for a while, was " + shape + ", " + nanos);
        }
        if (endEpochNanos < 0 || overheadNanos < UNKNOWN) {
            throw new IllegalArgumentException(
                    "endEpochNanos must be at least 0 and overheadNanos at least -1, were "
                            + endEpochNanos
                            + ", "
                            + overheadNanos);
        }
    }

    /** A step of which only the time is known. */
    public StepRecord(StepShape shape, long nanos) {
        this(shape, nanos, "", 0, UNKNOWN);
    }

    /** When it began, had it not been interrupted. */
    public long startEpochNanos() {
        return endEpochNanos - nanos - Math.max(0, overheadNanos);
    }
}
