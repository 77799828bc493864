package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;
import java.util.Set;

/**
 * FlowPrefill (arXiv 2602.16603): prompts run in few large steps that can be interrupted, instead
 * of many small chunks. The order is by slack (deadline less what is left to prefill); what cannot
 * make its deadline goes last; a step takes more prompts only while all of its members still make
 * theirs; a prompt that arrives with less slack than the running step interrupts it.
 *
 * <p>Differs: the paper interrupts between operators of a prefill-only instance; here a step is
 * interrupted between slices, one step at most is set aside, and the same worker decodes: decodes
 * have steps of their own, which interrupt a prefill when a token is due ({@code loose_tpot_ms} for
 * those without an objective). The paper's router is round robin; here one central queue is bound
 * late to the least loaded worker.
 */
public final class FlowPrefill implements Policy {
    private static final Setting MAX_BATCHED_TOKENS =
            Setting.whole(
                            "max_batched_tokens",
                            4_096,
                            16,
                            1 << 20,
                            "most prompt tokens of one prefill step")
                    .searched(512, 16_384);

    @Override
    public String name() {
        return "flowprefill";
    }

    @Override
    public List<Setting> settings() {
        return List.of(MAX_BATCHED_TOKENS, Common.LOOSE_TPOT_MS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new FlowPrefillFleet(config.allow(this).intOf(MAX_BATCHED_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        config.allow(this);
        return new FlowPrefillStep(
                config.intOf(MAX_BATCHED_TOKENS), config.nanosOf(Common.LOOSE_TPOT_MS));
    }

    @Override
    public Set<Capability> requires() {
        return Set.of(Capability.INTERRUPT);
    }
}
