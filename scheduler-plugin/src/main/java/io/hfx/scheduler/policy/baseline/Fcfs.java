package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.Waiting;
import java.util.Comparator;

/**
 * First come, first served, as vLLM before chunked prefill: whole prompts go first, together up to
 * a token limit, and everything that decodes waits meanwhile.
 *
 * <p>Settings: {@code max_batched_tokens} (2048), most prompt tokens of one step; a longer prompt
 * runs alone.
 */
public final class Fcfs implements Policy {
    @Override
    public String name() {
        return "fcfs";
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new LeastLoaded(Waiting::arrivalNanos, maxBatchedTokens(config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        int most = maxBatchedTokens(config);
        return view -> compose(view, most);
    }

    private int maxBatchedTokens(PolicyConfig config) {
        return config.allow(name(), "max_batched_tokens")
                .intOf("max_batched_tokens", 2_048, 16, 1 << 20);
    }

    private static Composition compose(StepView view, int mostTokens) {
        Batching prefills = new Batching(view);
        int left = mostTokens;
        for (SequenceView s :
                Batching.toPrefill(view, Comparator.comparingLong(SequenceView::arrivalNanos))) {
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
