package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.parts.CentralQueue;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import java.util.List;

/**
 * First come, first served, as vLLM before chunked prefill: whole prompts go first, together up to
 * a token limit, and everything that decodes waits meanwhile.
 */
public final class Fcfs implements Policy {
    private static final Setting MAX_BATCHED_TOKENS =
            Setting.whole(
                            "max_batched_tokens",
                            2_048,
                            16,
                            1 << 20,
                            "most prompt tokens of one step; a longer prompt runs alone")
                    .searched(256, 8_192);

    @Override
    public String name() {
        return "fcfs";
    }

    @Override
    public List<Setting> settings() {
        return List.of(MAX_BATCHED_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new CentralQueue(
                Waiting::arrivalNanos, config.allow(this).intOf(MAX_BATCHED_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        int most = config.allow(this).intOf(MAX_BATCHED_TOKENS);
        return view -> compose(view, most);
    }

    private static Composition compose(StepView view, int mostTokens) {
        Batching prefills = new Batching(view);
        int left = mostTokens;
        for (SequenceView s : PrefillOrder.arrival().of(view)) {
            boolean fits = s.remainingPrefill() <= left || prefills.isEmpty();
            if (!fits || prefills.prefill(s, s.remainingPrefill()) == 0) {
                break;
            }
            left -= s.remainingPrefill();
        }
        if (!prefills.isEmpty()) {
            return prefills.composition();
        }
        Batching decodes = new Batching(view);
        decodes.decodeAll();
        return decodes.composition();
    }
}
