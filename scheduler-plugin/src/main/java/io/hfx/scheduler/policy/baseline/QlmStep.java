package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Sarathi's steps by due time; for a prompt that has one and no KV, sequences without TPOT
 * objective are evicted, the one that is due last first.
 *
 * @param chunkTokens decodes and prefill tokens of one step
 */
record QlmStep(int chunkTokens, boolean evict) implements StepPolicy {
    private static final Comparator<SequenceView> BY_DUE =
            Comparator.comparing(SequenceView::leftover)
                    .thenComparingLong(s -> Due.firstTokenNanos(s, 0));

    @Override
    public Composition compose(StepView view) {
        Batching batch = new Batching(view);
        List<SequenceView> prefills = PrefillOrder.sorted(view, BY_DUE);
        if (evict && !prefills.isEmpty() && !isEvictable(prefills.get(0))) {
            evictFor(prefills.get(0), view, batch);
        }
        batch.decodeAll();
        ChunkedPrefill.fill(view, batch, chunkTokens - batch.sequences(), v -> prefills);
        return batch.composition();
    }

    private static boolean isEvictable(SequenceView s) {
        return s.demoted() || !s.slo().hasTpot();
    }

    private static void evictFor(SequenceView first, StepView view, Batching batch) {
        if (batch.hasKvFor(first, first.remainingPrefill())) {
            return;
        }
        KvBudget kv = view.worker().kv();
        List<SequenceView> victims = new ArrayList<>(view.decoding());
        victims.addAll(view.prefilling());
        victims.removeIf(s -> !isEvictable(s));
        long units = victims.stream().mapToLong(s -> kv.cost(s.tokensInKv())).sum();
        if (view.freeKvUnits() + units < kv.cost(first.computed() + first.remainingPrefill())) {
            return;
        }
        victims.sort(BY_DUE.reversed());
        for (SequenceView victim : victims) {
            batch.preempt(victim);
            if (batch.hasKvFor(first, first.remainingPrefill())) {
                return;
            }
        }
    }
}
