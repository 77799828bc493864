package io.hfx.simulator.scenario;

import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import java.util.Map;

/**
 * A policy with its settings.
 *
 * @param policy which schedules
 * @param config its settings, all known to it
 */
public record Entrant(Policy policy, PolicyConfig config) {
    public Entrant {
        try {
            config.allow(policy);
        } catch (IllegalArgumentException e) {
            throw new ScenarioException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The policy of that name.
     *
     * @throws ScenarioException if there is none, or a setting is wrong
     */
    public static Entrant of(String name, Map<String, String> settings) {
        try {
            Policy policy = Policies.named(name, Entrant.class.getClassLoader());
            return new Entrant(policy, new PolicyConfig(settings));
        } catch (IllegalArgumentException e) {
            throw new ScenarioException(String.valueOf(e.getMessage()));
        }
    }

    public String name() {
        return policy.name();
    }
}
