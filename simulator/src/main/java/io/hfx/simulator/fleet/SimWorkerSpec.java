package io.hfx.simulator.fleet;

import io.hfx.scheduler.request.WorkerSpec;
import org.jspecify.annotations.Nullable;

/**
 * A simulated worker.
 *
 * @param spec what the scheduler is told; its latency model is the planner's first guess
 * @param timing what is true
 * @param learns whether the planner hears how long its steps took, and so corrects its guess
 * @param times of its steps, in place of those that the timing gives; null for these
 */
public record SimWorkerSpec(
        WorkerSpec spec, StepTiming timing, boolean learns, @Nullable StepTimes times) {
    public SimWorkerSpec(WorkerSpec spec, StepTiming timing, boolean learns) {
        this(spec, timing, learns, null);
    }

    /** The same worker, of which the scheduler is told something else. */
    public SimWorkerSpec told(WorkerSpec other) {
        return new SimWorkerSpec(other, timing, learns, times);
    }
}
