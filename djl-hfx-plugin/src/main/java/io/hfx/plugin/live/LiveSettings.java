package io.hfx.plugin.live;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import java.util.EnumSet;
import java.util.Set;

/**
 * How a live fleet is scheduled.
 *
 * @param policy which
 * @param config its settings
 * @param limits of the central queue
 */
public record LiveSettings(Policy policy, PolicyConfig config, DispatcherLimits limits) {
    /** What live workers can do. */
    static final Set<Policy.Capability> CAPABILITIES = Set.of(Policy.Capability.INTERRUPT);

    public LiveSettings {
        requireRunnable(policy);
    }

    /**
     * Checks a policy before anything is loaded.
     *
     * @throws IllegalArgumentException if the policy needs what no live worker can do
     */
    public static void requireRunnable(Policy policy) {
        Set<Policy.Capability> missing = EnumSet.noneOf(Policy.Capability.class);
        missing.addAll(policy.requires());
        missing.removeAll(CAPABILITIES);
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    "policy " + policy.name() + " needs " + missing + ": it runs simulated only");
        }
    }
}
