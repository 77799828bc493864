package io.hfx.simulator.fleet;

import io.hfx.engine.prefix.PrefixStore;
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
 * @param cacheTokens most that the prefix cache of all workers holds; 0 for none
 * @param seed of all that is random in the fleet: step noise, lost transfers
 */
public record SimSettings(
        Policy policy,
        PolicyConfig config,
        DispatcherLimits limits,
        List<SimWorkerSpec> workers,
        NetworkSpec network,
        long cacheTokens,
        long seed) {
    public SimSettings {
        workers = List.copyOf(workers);
        if (cacheTokens < 0) {
            throw new IllegalArgumentException("cacheTokens must be at least 0: " + cacheTokens);
        }
        if (cacheTokens > 0 && !workers.stream().allMatch(SimSettings::takesBlocks)) {
            throw new IllegalArgumentException("a worker does not copy the prefix cache's blocks");
        }
    }

    private static boolean takesBlocks(SimWorkerSpec worker) {
        return worker.spec().restore().blockTokens() == PrefixStore.BLOCK_TOKENS;
    }

    /** A fleet without a prefix cache. */
    public SimSettings(
            Policy policy,
            PolicyConfig config,
            DispatcherLimits limits,
            List<SimWorkerSpec> workers,
            NetworkSpec network,
            long seed) {
        this(policy, config, limits, workers, network, 0, seed);
    }
}
