package io.hfx.simulator.fleet;

import io.hfx.scheduler.request.WorkerSpec;

/**
 * A simulated worker.
 *
 * @param spec what the scheduler is told; its latency model is the planner's first guess
 * @param timing what is true
 * @param learns whether the planner hears how long its steps took, and so corrects its guess
 */
public record SimWorkerSpec(WorkerSpec spec, StepTiming timing, boolean learns) {}
