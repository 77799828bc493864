package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Sarathi's step (arXiv 2403.02310): every decode, then prefill chunks in order until a fixed token
 * budget is used.
 *
 * @param budgetTokens decodes and prefill tokens of one step
 * @param order of the prefills; where {@code startedFirst} a started one keeps its place
 * @param startedFirst whether started prefills go before waiting ones
 */
record ChunkedPrefill(
        int budgetTokens, Comparator<? super SequenceView> order, boolean startedFirst)
        implements StepPolicy {
    @Override
    public Composition compose(StepView view) {
        Batching batch = new Batching(view);
        int left = budgetTokens - batch.decodeAll().size();
        for (SequenceView s : prefills(view)) {
            int added = left <= 0 ? 0 : batch.prefill(s, left);
            if (added == 0) {
                break;
            }
            left -= added;
        }
        return batch.composition();
    }

    private List<SequenceView> prefills(StepView view) {
        if (startedFirst) {
            return Batching.toPrefill(view, order);
        }
        List<SequenceView> all = new ArrayList<>(view.prefilling());
        all.addAll(view.waiting());
        all.sort(order);
        return all;
    }
}
