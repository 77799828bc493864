package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The decoding sequences of a worker before a step, by what they need of it, and how long the step
 * may take for them.
 */
final class DecodeTurn {
    /** Those whose next token belongs in this step. */
    final List<SequenceView> due = new ArrayList<>();

    /** Those that are so far ahead that their next token can wait for another step. */
    final List<SequenceView> early = new ArrayList<>();

    /** Those without objective, demoted, or whose objective is lost. */
    final List<SequenceView> leftover = new ArrayList<>();

    /** Time of a step of {@link #due} alone. */
    private long decodesNanos;

    private long paceNanos;
    private long stretchedNanos;
    private long latestNanos = Slo.NONE;

    /** Lead that prefills leave unspent: none where one of them needs it. */
    private final long thriftNanos;

    /** The tightest planned TPOT of those in time; {@link Slo#NONE} without any. */
    private long tightestNanos = Slo.NONE;

    /** The same of those for which every gap counts, who save nothing for the step after. */
    private long gapNanos = Slo.NONE;

    DecodeTurn(StepView view, Pace pace, HfxSettings settings, PrefillTurn prefills) {
        for (SequenceView s : view.decoding()) {
            if (!s.leftover() && s.slo().hasTpot()) {
                long tpotNanos = settings.planned(s.slo().tpotNanos());
                tightestNanos = Math.min(tightestNanos, tpotNanos);
                if (s.request().sloClass().tpotMode() == ScoringMode.TAIL) {
                    gapNanos = Math.min(gapNanos, tpotNanos);
                }
            }
        }
        boolean noneNeedsLead = tightestNanos != Slo.NONE && prefills.fitIntoStepsOf(tightestNanos);
        thriftNanos = noneNeedsLead ? (long) (settings.thrift() * tightestNanos) : 0;
        boolean others = !(view.waiting().isEmpty() && view.prefilling().isEmpty());
        boolean maySitOut = others && settings.patience() > 0;
        long patienceNanos = (long) (settings.patience() * tightestNanos);
        sort(view, pace, maySitOut ? Math.max(patienceNanos, thriftNanos) : Slo.NONE);
        decodesNanos = view.latency().stepNanos(shape(due));
        due.removeIf(s -> isLost(s, pace, view.nowNanos()));
        decodesNanos = view.latency().stepNanos(shape(due));
        limit(view.nowNanos(), pace, settings.maxStepNanos());
    }

    private void sort(StepView view, Pace pace, long leadNanos) {
        for (SequenceView s : view.decoding()) {
            if (s.leftover()) {
                leftover.add(s);
            } else if (leadNanos != Slo.NONE
                    && s.slo().hasTpot()
                    && !s.slo().hasE2e()
                    && pace.leadNanos(s, view.nowNanos()) > leadNanos) {
                early.add(s);
            } else {
                due.add(s);
            }
        }
    }

    private boolean isLost(SequenceView s, Pace pace, long nowNanos) {
        boolean lost = s.slo().hasTpot() && pace.isLost(s, nowNanos, decodesNanos);
        if (lost) {
            leftover.add(s);
        }
        return lost;
    }

    /** A step of these decodes alone. */
    static StepShape shape(Collection<? extends SequenceView> decodes) {
        StepShape shape = StepShape.EMPTY;
        for (SequenceView s : decodes) {
            shape = shape.plusDecode(s.computed() + 1);
        }
        return shape;
    }

    private void limit(long nowNanos, Pace pace, long maxStepNanos) {
        paceNanos = maxStepNanos;
        stretchedNanos = maxStepNanos;
        for (SequenceView s : due) {
            paceNanos = Math.min(paceNanos, pace.allowedNanos(s, nowNanos, decodesNanos));
            stretchedNanos =
                    Math.min(stretchedNanos, pace.stretchedNanos(s, nowNanos, decodesNanos));
            latestNanos = Math.min(latestNanos, pace.latestNanos(s, nowNanos));
        }
        for (SequenceView s : early) {
            // it gets no token of this step, so time for the one after must be left
            long allowed = pace.allowedNanos(s, nowNanos, decodesNanos) - decodesNanos;
            long stretched = pace.stretchedNanos(s, nowNanos, decodesNanos) - decodesNanos;
            paceNanos = Math.min(paceNanos, Math.max(decodesNanos, allowed));
            stretchedNanos = Math.min(stretchedNanos, Math.max(decodesNanos, stretched));
            latestNanos = Math.min(latestNanos, pace.latestNanos(s, nowNanos) - decodesNanos);
        }
    }

    /** The longest step with which all keep their pace. */
    long paceNanos() {
        return paceNanos;
    }

    /** The longest step for prefills in time: what all can make up for, less the lead kept. */
    long inTimeNanos() {
        if (thriftNanos == 0) {
            return stretchedNanos;
        }
        long thriftyNanos = Math.max(tightestNanos, stretchedNanos - thriftNanos);
        return Math.min(stretchedNanos, thriftyNanos);
    }

    /**
     * The longest step that loses nobody's objective; {@link Slo#NONE} where later steps can make
     * up for any.
     */
    long latestNanos() {
        return latestNanos;
    }

    /** How long the step after one of that length may take; each has one more token then. */
    long afterNanos(long stepNanos) {
        return tightestNanos == Slo.NONE
                ? Long.MAX_VALUE
                : Math.min(gapNanos, Math.max(0, stretchedNanos - stepNanos + tightestNanos));
    }
}
