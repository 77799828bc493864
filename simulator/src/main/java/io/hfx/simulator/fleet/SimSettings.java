package io.hfx.simulator.fleet;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import java.util.List;

/**
 * How a simulated fleet is made.
 *
 * @param policy which schedules
 * @param config its settings
 * @param limits of the dispatcher
 * @param workers those that are there from the start
 * @param network between them
 * @param seed of all that is random in the fleet: step noise, lost transfers
 */
public record SimSettings(
        Policy policy,
        PolicyConfig config,
        DispatcherLimits limits,
        List<SimWorkerSpec> workers,
        NetworkSpec network,
        long seed) {
    public SimSettings {
        workers = List.copyOf(workers);
    }
}
