package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The prefills of a worker before a step. */
final class PrefillTurn {
    /** Those that can still make their first token, by priority, then the first due first. */
    final List<SequenceView> inTime = new ArrayList<>();

    /** The others, in the order in which they came to the worker. */
    final List<SequenceView> leftover = new ArrayList<>();

    private final StepView view;
    private final Map<String, Integer> usualOutputs;

    /** Time of a step of all that decode, alone. */
    private final long decodesNanos;

    /**
     * @param usualOutputs of classes
     */
    PrefillTurn(StepView view, Map<String, Integer> usualOutputs) {
        StepShape decodes = DecodeTurn.shape(view.decoding());
        this.view = view;
        this.usualOutputs = usualOutputs;
        this.decodesNanos = view.latency().stepNanos(decodes);
        view.prefilling().forEach(s -> sort(s, decodes));
        view.waiting().forEach(s -> sort(s, decodes));
        inTime.sort(
                Comparator.comparingInt((SequenceView s) -> s.request().priority())
                        .thenComparingLong(s -> dueNanos(s, view, usualOutputs))
                        .thenComparingLong(SequenceView::arrivalNanos));
    }

    private void sort(SequenceView s, StepShape decodes) {
        long dueNanos = dueNanos(s, view, usualOutputs);
        StepShape atOnce = decodes.plusChunk(s.computed(), s.remainingPrefill());
        boolean late =
                dueNanos == Slo.NONE
                        || view.nowNanos() + view.latency().stepNanos(atOnce) > dueNanos;
        (late && s.generated() == 0 ? leftover : inTime).add(s);
    }

    /**
     * Whether all that are in time stay so in what steps of that length leave beside the decodes.
     */
    boolean fitIntoStepsOf(long stepNanos) {
        double free = 1 - decodesNanos / (double) stepNanos;
        if (free <= 0) {
            return false;
        }
        double workNanos = 0;
        for (SequenceView s : inTime) {
            workNanos += view.latency().prefillNanos(s.computed(), s.remainingPrefill());
            long dueNanos = dueNanos(s, view, usualOutputs);
            if (dueNanos != Slo.NONE
                    && decodesNanos + workNanos / free > dueNanos - view.nowNanos()) {
                return false;
            }
        }
        return true;
    }

    /** When a sequence's first token is due; {@link Slo#NONE} for one without objective. */
    static long dueNanos(SequenceView s, StepView view, Map<String, Integer> usualOutputs) {
        return s.leftover()
                ? Slo.NONE
                : Deadlines.firstTokenNanos(
                        s.request(), s.arrivalNanos(), view.latency(), usualOutputs);
    }

    /**
     * When the first of the first tokens that a step makes in time is due; {@link Slo#NONE} where
     * it makes none.
     */
    long firstDueNanos(Composition step) {
        Map<SequenceKey, Integer> taken = taken(step);
        long first = Slo.NONE;
        for (SequenceView s : inTime) {
            if (taken.getOrDefault(s.key(), 0) == s.remainingPrefill()) {
                first = Math.min(first, openDueNanos(s));
            }
        }
        return first;
    }

    /** When a first token that is still to come is due; {@link Slo#NONE} for none. */
    long openDueNanos(SequenceView s) {
        return s.generated() > 0 ? Slo.NONE : dueNanos(s, view, usualOutputs);
    }

    private static Map<SequenceKey, Integer> taken(Composition step) {
        Map<SequenceKey, Integer> taken = new HashMap<>();
        step.chunks().forEach(c -> taken.put(c.sequence(), c.tokens()));
        return taken;
    }

    /** What of those in time has begun and is not complete after a step. */
    List<Outlook.Begun> after(Composition step) {
        Map<SequenceKey, Integer> taken = taken(step);
        List<Outlook.Begun> begun = new ArrayList<>();
        for (SequenceView s : inTime) {
            int tokens = taken.getOrDefault(s.key(), 0);
            int computed = s.computed() + tokens;
            int left = s.remainingPrefill() - tokens;
            if (computed > 0 && left > 0) {
                begun.add(new Outlook.Begun(s.key().requestId(), computed, left));
            }
        }
        return begun;
    }
}
