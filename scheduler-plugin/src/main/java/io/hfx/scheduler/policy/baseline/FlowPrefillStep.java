package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.slo.Slo;
import java.util.Comparator;
import java.util.List;

/** FlowPrefill's worker: steps of prompts, set aside for tighter prompts and for due decodes. */
final class FlowPrefillStep implements StepPolicy {
    private final int maxTokens;
    private final long looseNanos;

    /** Earliest deadline in the last prefill step. */
    private long memberDueNanos = Slo.NONE;

    private long suspendedDueNanos = Slo.NONE;
    private boolean yieldedToDecodes;
    private long askedNanos;
    private long decodedNanos;

    /** Whether the last step took the place of another: decodes, or a tighter prompt. */
    private boolean interposed;

    FlowPrefillStep(int maxTokens, long looseNanos) {
        this.maxTokens = maxTokens;
        this.looseNanos = looseNanos;
    }

    @Override
    public Composition compose(StepView view) {
        askedNanos = view.nowNanos();
        if (interposed) {
            interposed = false;
            return view.hasSuspended() ? resume() : prefillsElseDecodes(view);
        }
        if (view.hasSuspended()) {
            interposed = true;
            Composition first = yieldedToDecodes ? decodes(view) : prefills(view);
            boolean nothing = first.decodes().isEmpty() && first.chunks().isEmpty();
            return nothing ? resume() : first;
        }
        if (decodesDue(view, 0)) {
            interposed = hasPrefill(view);
            return decodes(view);
        }
        return prefillsElseDecodes(view);
    }

    @Override
    public Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
        long sliceNanos = view.nowNanos() - askedNanos;
        askedNanos = view.nowNanos();
        if (view.hasSuspended() || running.chunks().isEmpty()) {
            return Verdict.CONTINUE;
        }
        yieldedToDecodes = decodesDue(view, sliceNanos);
        suspendedDueNanos = memberDueNanos;
        return yieldedToDecodes || tighter(view, remainingNanos) ? Verdict.YIELD : Verdict.CONTINUE;
    }

    private Composition resume() {
        interposed = false;
        memberDueNanos = suspendedDueNanos;
        return Composition.RESUME;
    }

    /** Whether a prompt waits that makes its deadline and has less slack than the running step. */
    private boolean tighter(StepView view, long remainingNanos) {
        long slack = memberDueNanos == Slo.NONE ? Slo.NONE : memberDueNanos - remainingNanos;
        for (SequenceView s : view.waiting()) {
            long latestNanos = FirstToken.latestStartNanos(s, view);
            if (latestNanos != Slo.NONE && latestNanos >= view.nowNanos() && latestNanos < slack) {
                return true;
            }
        }
        return false;
    }

    /** Whether a token would be late if decodes waited for so much longer. */
    private boolean decodesDue(StepView view, long longerNanos) {
        Batching all = new Batching(view);
        long dueNanos = Slo.NONE;
        for (SequenceView s : all.decodeAll()) {
            dueNanos = Math.min(dueNanos, nextTokenNanos(s, view.nowNanos()));
        }
        if (all.isEmpty()) {
            return false;
        }
        long stepNanos = view.latency().stepNanos(all.shape());
        return dueNanos - stepNanos - longerNanos <= view.nowNanos();
    }

    /** One that is behind catches up at twice its pace, not at the cost of all prefill. */
    private long nextTokenNanos(SequenceView s, long nowNanos) {
        long paceNanos = Math.min(looseNanos, Due.paceNanos(s, nowNanos));
        return Math.max(Due.nextAtPaceNanos(s, nowNanos, looseNanos), decodedNanos + paceNanos / 2);
    }

    private static boolean hasPrefill(StepView view) {
        return !view.prefilling().isEmpty() || !view.waiting().isEmpty();
    }

    private Composition decodes(StepView view) {
        Batching batch = new Batching(view);
        batch.decodeAll();
        decodedNanos = view.nowNanos();
        return batch.composition();
    }

    private Composition prefillsElseDecodes(StepView view) {
        Composition prefills = prefills(view);
        return prefills.chunks().isEmpty() ? decodes(view) : prefills;
    }

    /** Prompts by slack, as long as every member makes its deadline; at least the first. */
    private Composition prefills(StepView view) {
        Batching batch = new Batching(view);
        int left = maxTokens;
        memberDueNanos = Slo.NONE;
        for (SequenceView s : bySlack(view)) {
            long dueNanos = feasible(s, view) ? Due.firstTokenNanos(s) : Slo.NONE;
            int n = Math.min(left, s.remainingPrefill());
            long endNanos =
                    view.nowNanos()
                            + view.latency().stepNanos(batch.shape().plusChunk(s.computed(), n));
            boolean keeps = endNanos <= Math.min(dueNanos, memberDueNanos);
            if ((!keeps && !batch.isEmpty()) || batch.prefill(s, n) == 0) {
                break;
            }
            memberDueNanos = Math.min(memberDueNanos, dueNanos);
            left -= n;
        }
        return batch.composition();
    }

    private static List<SequenceView> bySlack(StepView view) {
        return PrefillOrder.sorted(
                view,
                Comparator.comparing((SequenceView s) -> !feasible(s, view))
                        .thenComparingLong(
                                s -> feasible(s, view) ? FirstToken.latestStartNanos(s, view) : 0));
    }

    private static boolean feasible(SequenceView s, StepView view) {
        long latestNanos = FirstToken.latestStartNanos(s, view);
        return latestNanos != Slo.NONE && latestNanos >= view.nowNanos();
    }
}
