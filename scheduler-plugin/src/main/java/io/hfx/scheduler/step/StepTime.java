package io.hfx.scheduler.step;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.request.WorkerId;

/**
 * How long a step of a worker took.
 *
 * @param model of that worker, before it learnt from this step
 * @param busyNanos time in the executor, above 0
 * @param atNanos when it ended, on the clock of the worker's events
 */
public record StepTime(
        WorkerId worker, StepShape shape, LatencyModel model, long busyNanos, long atNanos) {}
