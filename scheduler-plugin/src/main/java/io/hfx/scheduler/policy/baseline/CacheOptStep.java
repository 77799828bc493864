package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** CacheOPT's steps: Sarathi's, where KV by prediction decides which prompts start. */
final class CacheOptStep implements StepPolicy {
    /** Prompts that are looked at past one that does not fit, in each step. */
    private static final int LOOK_AHEAD = 8;

    private static final Comparator<SequenceView> BY_DUE =
            Comparator.comparing(SequenceView::leftover)
                    .thenComparingLong(s -> Due.firstTokenNanos(s, 0))
                    .thenComparingLong(SequenceView::arrivalNanos);

    private final int chunkTokens;
    private final double reserve;
    private final PaddedLengths lengths;

    /** Requests that wait here, as far as they have been counted. */
    private Set<Long> known = new HashSet<>();

    CacheOptStep(int chunkTokens, double reserve, PaddedLengths lengths) {
        this.chunkTokens = chunkTokens;
        this.reserve = reserve;
        this.lengths = lengths;
    }

    /**
     * A sequence with what it holds and will hold.
     *
     * @param units of KV when its prompt is computed, or now
     * @param steps until it ends, by prediction
     */
    private record Holding(SequenceView sequence, int tokens, long units, int steps) {
        /** That gives its KV up first: the loosest TPOT, the most to come, the most KV. */
        static final Comparator<Holding> GIVES_UP_FIRST =
                Comparator.comparingLong((Holding h) -> h.tpotNanos())
                        .thenComparingInt(Holding::steps)
                        .thenComparingLong(Holding::units)
                        .reversed();

        private long tpotNanos() {
            return sequence.leftover() ? Slo.NONE : sequence.slo().tpotNanos();
        }
    }

    @Override
    public Composition compose(StepView view) {
        countArrivals(view);
        Batching batch = new Batching(view);
        List<Holding> holdings = new ArrayList<>();
        view.decoding().forEach(s -> holdings.add(holding(s, view)));
        keepUpWithGrowth(view, batch, holdings);
        batch.decodeAll();
        view.prefilling().forEach(s -> holdings.add(holding(s, view)));
        int left = chunkTokens - batch.sequences();
        for (SequenceView s : view.prefilling()) {
            left -= left > 0 ? batch.prefill(s, left) : 0;
        }
        start(view, batch, left, holdings);
        return batch.composition();
    }

    private void countArrivals(StepView view) {
        Set<Long> waiting = new HashSet<>();
        for (SequenceView s : view.waiting()) {
            if (waiting.add(s.request().id()) && !known.contains(s.request().id())) {
                lengths.arrived(view.nowNanos());
            }
        }
        known = waiting;
    }

    private Holding holding(SequenceView s, StepView view) {
        int tokens = s.computed() + s.remainingPrefill();
        return new Holding(s, tokens, view.worker().kv().cost(tokens), lengths.remaining(s));
    }

    /** Where not all that decode can grow, some give their KV up; one always goes on. */
    private static void keepUpWithGrowth(StepView view, Batching batch, List<Holding> decoding) {
        KvBudget kv = view.worker().kv();
        long free = view.freeKvUnits();
        for (Holding h : decoding) {
            free -= kv.cost(h.tokens() + 1) - kv.cost(h.sequence().tokensInKv());
        }
        if (free >= 0) {
            return;
        }
        decoding.sort(Holding.GIVES_UP_FIRST);
        while (free < 0 && decoding.size() > 1) {
            Holding victim = decoding.remove(0);
            batch.preempt(victim.sequence());
            free += kv.cost(victim.tokens() + 1);
        }
    }

    private void start(StepView view, Batching batch, int tokens, List<Holding> holdings) {
        int left = tokens;
        int passed = 0;
        List<SequenceView> waiting = new ArrayList<>(view.waiting());
        waiting.sort(BY_DUE);
        for (SequenceView s : waiting) {
            if (left <= 0 || passed > LOOK_AHEAD) {
                return;
            }
            Holding wanted = holding(s, view);
            boolean alone = batch.isEmpty() && holdings.isEmpty();
            int added = alone || fits(wanted, view, holdings) ? batch.prefill(s, left) : 0;
            if (added > 0) {
                holdings.add(wanted);
                left -= added;
            } else {
                passed++;
            }
        }
    }

    /**
     * Whether there is KV for all until the new one ends: each grows by a token a step, and what it
     * holds is free once it ends, so that it is tightest just before an end.
     */
    private boolean fits(Holding wanted, StepView view, List<Holding> holdings) {
        KvBudget kv = view.worker().kv();
        double most = (1 - reserve) * kv.totalUnits();
        holdings.sort(Comparator.comparingInt(Holding::steps));
        long tokens = wanted.tokens();
        int count = 1;
        for (Holding h : holdings) {
            tokens += h.tokens();
            count++;
        }
        for (Holding h : holdings) {
            if (h.steps() >= wanted.steps()) {
                break;
            }
            if (units(tokens, count, h.steps(), kv) > most) {
                return false;
            }
            tokens -= h.tokens();
            count--;
        }
        return units(tokens, count, wanted.steps(), kv) <= most;
    }

    /** KV units of some sequences after so many steps, at most. */
    private static long units(long tokens, long count, int steps, KvBudget kv) {
        long unit = kv.unitTokens();
        return (tokens + count * steps + count * (unit - 1)) / unit;
    }

    @Override
    public void ended(SequenceView sequence) {
        lengths.ended(sequence);
    }
}
