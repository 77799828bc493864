package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;

/**
 * Sarathi's step (arXiv 2403.02310): every decode, then prefill chunks in order until a token
 * budget is used.
 *
 * @param budget prefill tokens of one step
 * @param order of the prefills
 */
public record ChunkedPrefill(TokenBudget budget, PrefillOrder order) implements StepPolicy {
    @Override
    public Composition compose(StepView view) {
        Batching batch = new Batching(view);
        batch.decodeAll();
        fill(view, batch, budget.prefillTokens(view, batch), order);
        return batch.composition();
    }

    /**
     * Adds chunks until the tokens are used or one does not fit.
     *
     * @return tokens added
     */
    public static int fill(StepView view, Batching batch, int tokens, PrefillOrder order) {
        int left = tokens;
        if (left <= 0) {
            return 0;
        }
        for (SequenceView s : order.of(view)) {
            int added = left <= 0 ? 0 : batch.prefill(s, left);
            if (added == 0) {
                break;
            }
            left -= added;
        }
        return tokens - left;
    }
}
