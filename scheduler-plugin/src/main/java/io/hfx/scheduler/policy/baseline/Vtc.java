package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.PolicyWrapper;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Virtual token counters (VTC, OSDI 2024, arXiv 2401.00588) around any other policy: every tenant
 * has a counter, of which a prompt token is worth one weight and an output token another, and the
 * tenant with the least is served next; one that begins to wait is lifted to the least of those
 * that wait already, so that nobody saves up while away. Among the requests of a tenant the inner
 * policy decides, as it does on everything else. With one tenant it is the inner policy.
 *
 * <p>Differs: several workers; counters in the central queue say who is bound next, and each worker
 * has its own for those that wait there. A prompt is charged when it is bound, outputs with the
 * reports of the workers. An inner policy that sorts what waits on a worker by an order of its own
 * keeps that order there, and its refusals and demotions are its own. All tenants have the same
 * share. At most {@value VtcCounters#MOST_TENANTS} tenants are told apart; those beyond share one
 * counter.
 */
public final class Vtc implements PolicyWrapper {
    private static final Setting INPUT_WEIGHT =
            Setting.number("vtc_input_weight", 1, 0, 1_000, "worth of a prompt token");
    private static final Setting OUTPUT_WEIGHT =
            Setting.number("vtc_output_weight", 2, 0, 1_000, "worth of an output token");
    private static final Setting QUANTUM_TOKENS =
            Setting.number(
                            "vtc_quantum_tokens",
                            0,
                            0,
                            1e9,
                            "worth up to which counters in the central queue count as equal, so that"
                                    + " the inner policy decides; 0: only equal ones")
                    .searched(0, 20_000);
    private static final List<Setting> OWN = List.of(INPUT_WEIGHT, OUTPUT_WEIGHT, QUANTUM_TOKENS);

    @Override
    public String name() {
        return "vtc";
    }

    @Override
    public List<Setting> settings() {
        return OWN;
    }

    @Override
    public Policy around(Policy inner) {
        return new Fair(inner);
    }

    private record Fair(Policy inner) implements Policy {
        @Override
        public String name() {
            return "vtc+" + inner.name();
        }

        @Override
        public List<Setting> settings() {
            List<Setting> all = new ArrayList<>(inner.settings());
            all.addAll(OWN);
            return all;
        }

        @Override
        public Set<Capability> requires() {
            return inner.requires();
        }

        @Override
        public FleetPolicy fleet(PolicyConfig config) {
            config.allow(this);
            return new VtcFleet(
                    inner.fleet(ofInner(config)),
                    config.doubleOf(INPUT_WEIGHT),
                    config.doubleOf(OUTPUT_WEIGHT),
                    config.doubleOf(QUANTUM_TOKENS));
        }

        @Override
        public StepPolicy step(PolicyConfig config) {
            config.allow(this);
            return new VtcStep(
                    inner.step(ofInner(config)),
                    config.doubleOf(INPUT_WEIGHT),
                    config.doubleOf(OUTPUT_WEIGHT));
        }

        private static PolicyConfig ofInner(PolicyConfig config) {
            Map<String, String> values = new HashMap<>(config.values());
            OWN.forEach(setting -> values.remove(setting.key()));
            return new PolicyConfig(values);
        }
    }
}
