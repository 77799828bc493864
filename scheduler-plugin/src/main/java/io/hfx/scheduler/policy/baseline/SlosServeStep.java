package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * SLOs-Serve's batch: as long as the tightest TPOT; first the accepted decodes that are due, then
 * accepted prefills by deadline, then accepted decodes ahead of their time, then best effort.
 */
final class SlosServeStep implements StepPolicy {
    private static final int MOST_STEP_TOKENS = 1 << 14;

    private final SlosServe.Settings settings;

    SlosServeStep(SlosServe.Settings settings) {
        this.settings = settings;
    }

    @Override
    public Composition compose(StepView view) {
        long stepNanos = stepNanos(view);
        long limitNanos = (long) (stepNanos * settings.margin());
        List<SequenceView> due = new ArrayList<>();
        List<SequenceView> early = new ArrayList<>();
        List<SequenceView> rest = new ArrayList<>();
        for (SequenceView s : view.decoding()) {
            boolean now = due(s, view.nowNanos()) - view.nowNanos() < 2 * stepNanos;
            (s.leftover() ? rest : now ? due : early).add(s);
        }
        due.sort(Comparator.comparingLong(s -> due(s, view.nowNanos())));
        List<SequenceView> accepted = new ArrayList<>();
        List<SequenceView> leftover = new ArrayList<>();
        for (SequenceView s : prefills(view)) {
            (s.leftover() ? leftover : accepted).add(s);
        }
        Batching batch = new Batching(view);
        batch.decode(due);
        prefill(view, batch, accepted, rest, limitNanos);
        decodeWithin(view, batch, early, limitNanos);
        decodeWithin(view, batch, rest, limitNanos);
        prefill(view, batch, leftover, List.of(), limitNanos);
        return batch.composition();
    }

    /** The tightest TPOT of all accepted sequences here. */
    private long stepNanos(StepView view) {
        long tightest = settings.maxStepNanos();
        for (SequenceView s : view.decoding()) {
            tightest = Math.min(tightest, Due.paceNanos(s, view.nowNanos()));
        }
        return tightest;
    }

    private static List<SequenceView> prefills(StepView view) {
        return PrefillOrder.sorted(view, Comparator.comparingLong(Due::firstTokenNanos));
    }

    private static long due(SequenceView s, long nowNanos) {
        return Due.nextAtPaceNanos(s, nowNanos, Slo.NONE);
    }

    /** Chunks while the step stays within its time, at least a small one while it is empty. */
    private void prefill(
            StepView view,
            Batching batch,
            List<SequenceView> order,
            List<SequenceView> victims,
            long limitNanos) {
        for (SequenceView s : order) {
            int most = Math.min(s.remainingPrefill(), MOST_STEP_TOKENS);
            int fits = view.latency().largestChunk(batch.shape(), s.computed(), limitNanos, most);
            boolean first = s == order.get(0) && (s.leftover() ? batch.isEmpty() : true);
            int tokens = first ? Math.max(fits, Math.min(most, settings.minChunkTokens())) : fits;
            for (int i = victims.size() - 1; i >= 0 && !batch.hasKvFor(s, tokens); i--) {
                batch.preempt(victims.get(i));
            }
            if (batch.prefill(s, tokens) == 0) {
                return;
            }
        }
    }

    private static void decodeWithin(
            StepView view, Batching batch, List<SequenceView> sequences, long limitNanos) {
        for (SequenceView s : sequences) {
            long nanos = view.latency().stepNanos(batch.shape().plusDecode(s.computed() + 1));
            if (nanos > limitNanos && !batch.isEmpty()) {
                return;
            }
            batch.decode(List.of(s));
        }
    }
}
