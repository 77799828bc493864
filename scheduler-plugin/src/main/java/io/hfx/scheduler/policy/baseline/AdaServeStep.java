package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.WithinTime;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** AdaServe's selection: who gets how many tokens of a step, by what each owes. */
final class AdaServeStep implements StepPolicy {
    private final double margin;
    private final int minChunkTokens;
    private final int maxChunkTokens;

    AdaServeStep(double margin, int minChunkTokens, int maxChunkTokens) {
        this.margin = margin;
        this.minChunkTokens = minChunkTokens;
        this.maxChunkTokens = maxChunkTokens;
    }

    /**
     * Most tokens that one step can give a sequence. With speculation it would be the depth of the
     * sequence's draft plus one (the paper's cap on what is owed), and the selection below would
     * give out draft tokens by their probability instead of whole decodes.
     */
    private static int mostTokens() {
        return 1;
    }

    /** A decoding sequence and its TPOT to plan with, in nanoseconds. */
    private record Debtor(SequenceView sequence, double tpotNanos) {
        /** Tokens that it owes when a step that takes so long is over, before that step's own. */
        double owed(long nowNanos, double stepNanos) {
            SequenceView s = sequence;
            if (!s.slo().hasTpot()) {
                return stepNanos / tpotNanos;
            }
            double sinceNanos = nowNanos - s.firstTokenNanos() + stepNanos;
            return sinceNanos / tpotNanos - (s.generated() - 1);
        }

        /** The longest step after which it owes no more than one step can give it. */
        double longestStepNanos(long nowNanos) {
            return (mostTokens() - owed(nowNanos, 0)) * tpotNanos;
        }
    }

    @Override
    public Composition compose(StepView view) {
        long nowNanos = view.nowNanos();
        List<Debtor> debtors = new ArrayList<>();
        List<SequenceView> rest = new ArrayList<>();
        double tightestNanos = Slo.NONE;
        for (SequenceView s : view.decoding()) {
            long tpotNanos = Due.paceNanos(s, nowNanos);
            if (tpotNanos == Slo.NONE) {
                rest.add(s);
            } else {
                debtors.add(new Debtor(s, margin * tpotNanos));
                tightestNanos = Math.min(tightestNanos, margin * tpotNanos);
            }
        }
        double limitNanos = limitNanos(debtors, nowNanos);
        double decodeNanos = Math.max(limitNanos, tightestNanos);
        double nextNanos = decodeNanos + tightestNanos;
        debtors.sort(Comparator.comparingDouble((Debtor d) -> -d.owed(nowNanos, nextNanos)));
        List<SequenceView> ahead = new ArrayList<>();
        Batching batch = new Batching(view);
        WithinTime owedStep = new WithinTime(view, batch, (long) decodeNanos);
        for (Debtor d : debtors) {
            // whoever gets nothing now must be able to catch up with the next step
            boolean owes = d.owed(nowNanos, nextNanos) > mostTokens();
            if (!owes || !owedStep.decode(d.sequence())) {
                ahead.add(d.sequence());
            }
        }
        WithinTime step = new WithinTime(view, batch, (long) limitNanos);
        Prompts prompts = Prompts.of(view);
        int left = maxChunkTokens - step.prefill(prompts.inTime(), minChunkTokens, maxChunkTokens);
        ahead.forEach(step::decode);
        rest.forEach(step::decode);
        step.prefill(prompts.late(), batch.isEmpty() ? minChunkTokens : 0, left);
        return batch.composition();
    }

    /** As long as nobody owes more after it than one step can give. */
    private static double limitNanos(List<Debtor> debtors, long nowNanos) {
        double limitNanos = Slo.NONE;
        for (Debtor d : debtors) {
            limitNanos = Math.min(limitNanos, d.longestStepNanos(nowNanos));
        }
        return limitNanos;
    }
}
