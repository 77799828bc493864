package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.WithinTime;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** AccelGen's batch: those that must run, then those that fill tokens and KV best. */
record AccelGenStep(AccelGen.Settings settings) implements StepPolicy {
    /**
     * A sequence that could run.
     *
     * @param leftNanos until a step must take it; {@link Slo#NONE} for one without objective
     */
    private record Candidate(SequenceView sequence, long leftNanos) {
        boolean decodes() {
            return sequence.remainingPrefill() == 0;
        }

        boolean started() {
            return sequence.tokensInKv() > 0;
        }
    }

    @Override
    public Composition compose(StepView view) {
        Step step = new Step(view);
        int first = step.takeMust();
        int next = step.packNear(first);
        step.takeRest(next);
        return step.batch.composition();
    }

    /** One step in the making. */
    private final class Step {
        private final StepView view;
        private final Batching batch;

        /** By time left. */
        private final List<Candidate> candidates = new ArrayList<>();

        /** Most time of the step, for the tightest objective in it. */
        private final long limitNanos;

        private int prefillLeft = settings.maxChunkTokens();

        Step(StepView view) {
            this.view = view;
            this.batch = new Batching(view);
            long tightest = Slo.NONE;
            StepShape decodes = StepShape.EMPTY;
            for (SequenceView s : view.decoding()) {
                long paceNanos = paceNanos(s);
                tightest = Math.min(tightest, paceNanos);
                decodes = decodes.plusDecode(s.computed() + 1);
                candidates.add(new Candidate(s, leftNanos(s, paceNanos)));
            }
            limitNanos = tightest == Slo.NONE ? Slo.NONE : (long) (tightest * settings.margin());
            int fits =
                    view.latency().largestChunk(decodes, 0, limitNanos, settings.maxChunkTokens());
            int chunk = Math.max(settings.minChunkTokens(), fits);
            long chunkNanos = view.latency().stepNanos(decodes.plusChunk(0, chunk));
            view.prefilling().forEach(s -> addPrompt(s, chunk, chunkNanos));
            view.waiting().forEach(s -> addPrompt(s, chunk, chunkNanos));
            candidates.sort(
                    Comparator.comparingLong(Candidate::leftNanos)
                            .thenComparingLong(c -> c.sequence().arrivalNanos()));
        }

        /** How long a step may take for a sequence that decodes. */
        private long paceNanos(SequenceView s) {
            if (s.leftover() || s.slo().hasTpot() || !s.slo().hasE2e()) {
                return s.leftover() ? Slo.NONE : s.slo().tpotNanos();
            }
            long endNanos = s.arrivalNanos() + s.slo().e2eNanos() - view.nowNanos();
            int tokens = Math.max(1, s.request().plannedTokens() - s.generated());
            return endNanos <= 0 ? Slo.NONE : Math.max(1, endNanos / tokens);
        }

        private long leftNanos(SequenceView s, long paceNanos) {
            return paceNanos == Slo.NONE || !s.slo().hasTpot()
                    ? paceNanos
                    : Due.nextTokenNanos(s, false) - view.nowNanos();
        }

        /** What is left when its chunks follow each other without a break. */
        private void addPrompt(SequenceView s, int chunkTokens, long chunkNanos) {
            long dueNanos = FirstToken.dueNanos(s);
            int chunks = (s.remainingPrefill() + chunkTokens - 1) / chunkTokens;
            boolean lost = settings.demote() && FirstToken.isLost(s, view);
            boolean timed = dueNanos != Slo.NONE && !lost;
            long leftNanos = dueNanos - view.nowNanos() - (chunks - 1) * chunkNanos;
            candidates.add(new Candidate(s, timed ? leftNanos : Slo.NONE));
        }

        /**
         * Takes those that are late if they wait for the next step, decodes first, so that prompts
         * take what they leave.
         *
         * @return how many
         */
        int takeMust() {
            long mustNanos = limitNanos == Slo.NONE ? 0 : 2 * limitNanos;
            List<SequenceView> prompts = new ArrayList<>();
            int i = 0;
            while (i < candidates.size() && candidates.get(i).leftNanos() < mustNanos) {
                Candidate c = candidates.get(i);
                i++;
                makeRoom(c, i);
                if (c.decodes()) {
                    batch.decode(List.of(c.sequence()));
                } else {
                    prompts.add(c.sequence());
                }
            }
            int least = settings.minChunkTokens();
            for (SequenceView s : prompts) {
                least = prefill(s, least) ? 0 : least;
            }
            return i;
        }

        /** Where KV has run out, those with the most time left give up theirs. */
        private void makeRoom(Candidate c, int behind) {
            int last = candidates.size() - 1;
            while (last >= behind && !batch.hasKvFor(c.sequence(), 1)) {
                if (candidates.get(last).started()) {
                    batch.preempt(candidates.get(last).sequence());
                }
                last--;
            }
        }

        /** Of those with about as little time left as the first, the best fit again and again. */
        int packNear(int first) {
            Deque<Candidate> decodes = new ArrayDeque<>();
            List<Candidate> started = new ArrayList<>();
            List<Candidate> prompts = new ArrayList<>();
            int next = first;
            long headNanos = first < candidates.size() ? candidates.get(first).leftNanos() : 0;
            while (next < candidates.size()
                    && candidates.get(next).leftNanos() != Slo.NONE
                    && candidates.get(next).leftNanos() - headNanos <= settings.gammaNanos()) {
                Candidate c = candidates.get(next);
                next++;
                if (c.decodes()) {
                    decodes.add(c);
                } else {
                    (c.started() ? started : prompts).add(c);
                }
            }
            while (!started.isEmpty() && room() > 0) {
                takeBest(started, decodes);
            }
            while (!prompts.isEmpty() && room() > 0) {
                takeBest(prompts, decodes);
            }
            decodes.forEach(c -> decode(c.sequence()));
            return next;
        }

        /** Tokens that the step has time for. */
        private int room() {
            return view.latency().largestChunk(batch.shape(), 0, limitNanos, prefillLeft);
        }

        /** Takes the best of the prompts out, or the first decode where that is a better fit. */
        private void takeBest(List<Candidate> prompts, Deque<Candidate> decodes) {
            int room = room();
            Candidate best = prompts.get(0);
            double least = Double.MAX_VALUE;
            for (Candidate c : prompts) {
                double unused = unused(c, fittingTokens(c.sequence()), room);
                if (unused < least) {
                    best = c;
                    least = unused;
                }
            }
            Candidate decode = decodes.peek();
            if (decode != null && unused(decode, 1, room) < least) {
                decodes.remove();
                decode(decode.sequence());
            } else {
                prompts.remove(best);
                prefill(best.sequence(), 0);
            }
        }

        /**
         * Distance between what a sequence takes and what is left, each as a share of the latter.
         */
        private double unused(Candidate c, int tokens, int roomTokens) {
            SequenceView s = c.sequence();
            KvBudget kv = view.worker().kv();
            long held = s.tokensInKv() == 0 ? 0 : kv.cost(s.tokensInKv());
            double units = kv.cost(s.computed() + tokens) - held;
            double tokensUnused = 1 - (double) tokens / Math.max(tokens, roomTokens);
            double kvUnused = 1 - units / Math.max(1, batch.freeKvUnits());
            return Math.hypot(tokensUnused, kvUnused);
        }

        /** What the step has time and KV for, of a prompt. */
        private int fittingTokens(SequenceView s) {
            int most = Math.min(prefillLeft, s.remainingPrefill());
            int tokens = view.latency().largestChunk(batch.shape(), s.computed(), limitNanos, most);
            int low = 0;
            while (low < tokens) {
                int middle = (low + tokens + 1) >>> 1;
                if (batch.hasKvFor(s, middle)) {
                    low = middle;
                } else {
                    tokens = middle - 1;
                }
            }
            return tokens;
        }

        private boolean prefill(SequenceView s, int leastTokens) {
            // a worker never stands still: the first prompt of an empty step gets KV of others
            int floor = batch.isEmpty() ? settings.minChunkTokens() : leastTokens;
            int least = Math.min(floor, Math.min(prefillLeft, s.remainingPrefill()));
            int added = batch.prefill(s, Math.max(least, fittingTokens(s)));
            prefillLeft -= added;
            return added > 0;
        }

        private void decode(SequenceView s) {
            new WithinTime(view, batch, limitNanos).decode(s);
        }

        /** Those with much time left, then those without objective, as far as there is room. */
        void takeRest(int next) {
            for (int i = next; i < candidates.size(); i++) {
                SequenceView s = candidates.get(i).sequence();
                if (candidates.get(i).decodes()) {
                    decode(s);
                } else {
                    prefill(s, 0);
                }
            }
        }
    }
}
