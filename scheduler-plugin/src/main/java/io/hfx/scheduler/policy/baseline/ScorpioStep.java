package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * SCORPIO's credits: in each step a sequence earns (tightest TPOT / its TPOT) and decodes when it
 * has 1; the tightest always decode.
 */
final class ScorpioStep implements StepPolicy {
    /** Sums of shares such as ten times 0.1 count as 1. */
    private static final double ROUNDING = 1e-9;

    private static final PrefillOrder BY_DEADLINE =
            PrefillOrder.by(
                    Comparator.comparing(SequenceView::leftover)
                            .thenComparingLong(s -> Due.firstTokenNanos(s, 0)));

    private final int chunkTokens;
    private final long looseNanos;
    private Map<SequenceKey, Double> credits = new HashMap<>();

    ScorpioStep(int chunkTokens, long looseNanos) {
        this.chunkTokens = chunkTokens;
        this.looseNanos = looseNanos;
    }

    @Override
    public Composition compose(StepView view) {
        Batching batch = new Batching(view);
        batch.decode(credited(view.decoding(), view.nowNanos()));
        ChunkedPrefill.fill(view, batch, chunkTokens - batch.sequences(), BY_DEADLINE);
        return batch.composition();
    }

    private List<SequenceView> credited(
            Collection<? extends SequenceView> decoding, long nowNanos) {
        long tightest = Slo.NONE;
        for (SequenceView s : decoding) {
            tightest = Math.min(tightest, tpotNanos(s, nowNanos));
        }
        Map<SequenceKey, Double> left = new HashMap<>();
        List<SequenceView> run = new ArrayList<>();
        for (SequenceView s : decoding) {
            double share = (double) tightest / tpotNanos(s, nowNanos);
            double credit = credits.getOrDefault(s.key(), 0.0) + share;
            boolean runs = credit >= 1 - ROUNDING;
            if (runs) {
                run.add(s);
            }
            left.put(s.key(), runs ? credit - 1 : credit);
        }
        credits = left;
        return run;
    }

    private long tpotNanos(SequenceView s, long nowNanos) {
        long paceNanos = Due.paceNanos(s, nowNanos);
        return paceNanos == Slo.NONE ? looseNanos : paceNanos;
    }
}
