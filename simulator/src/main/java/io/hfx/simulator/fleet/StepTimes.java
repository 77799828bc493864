package io.hfx.simulator.fleet;

import io.hfx.scheduler.latency.StepShape;

/** Says how long each step of a worker takes, in place of the mean and noise of its timing. */
@FunctionalInterface
public interface StepTimes {
    /**
     * Asked once as a step begins.
     *
     * @param nowNanos virtual time, from the start of the run
     */
    Taken at(long nowNanos, StepShape shape);

    /**
     * The time of one step.
     *
     * @param nanos that it runs, and the planner hears of, at least 1
     * @param overheadNanos that lie between it and the step before, at least 0
     */
    record Taken(long nanos, long overheadNanos) {}
}
