package io.hfx.simulator.fleet;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.List;

/**
 * How a simulated fleet is made.
 *
 * @param policy which schedules
 * @param config its settings
 * @param limits of the dispatcher
 * @param workers what they are; their latency models are the first guess of the planners
 * @param truth how long steps really take, before noise
 * @param noiseSigma of the log-normal noise on each step; 0 for none
 * @param slices of each step
 * @param messageDelayNanos between dispatcher and workers, each way
 * @param seed of the noise
 */
public record SimSettings(
        Policy policy,
        PolicyConfig config,
        DispatcherLimits limits,
        List<WorkerSpec> workers,
        LatencyModel truth,
        double noiseSigma,
        int slices,
        long messageDelayNanos,
        long seed) {
    public SimSettings {
        workers = List.copyOf(workers);
    }
}
