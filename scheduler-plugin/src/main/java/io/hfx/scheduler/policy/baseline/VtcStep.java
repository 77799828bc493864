package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * The tenants' turns among the sequences that wait on one worker, shown to the inner policy as
 * their order of arrival; and the count of the tokens that each tenant gets.
 */
final class VtcStep implements StepPolicy {
    private final StepPolicy inner;
    private final double inputWeight;
    private final double outputWeight;
    private final VtcCounters counters = new VtcCounters();
    private final Map<String, Long> outputTokens = new HashMap<>();

    VtcStep(StepPolicy inner, double inputWeight, double outputWeight) {
        this.inner = inner;
        this.inputWeight = inputWeight;
        this.outputWeight = outputWeight;
    }

    @Override
    public Composition compose(StepView view) {
        StepView fair = inTurns(view);
        Composition composition = inner.compose(fair);
        count(composition, fair);
        return composition;
    }

    private StepView inTurns(StepView view) {
        Map<String, Deque<SequenceView>> lines = new LinkedHashMap<>();
        for (SequenceView s : view.waiting()) {
            lines.computeIfAbsent(s.request().tenant(), tenant -> new ArrayDeque<>()).add(s);
        }
        counters.waitNow(lines.keySet());
        return lines.size() < 2 ? view : new Turned(view, turned(lines));
    }

    /** A tenant's next sequence, and the worth that it will have been served before that. */
    private record Turn(double served, SequenceView next, Deque<SequenceView> line) {
        static final Comparator<Turn> ORDER =
                Comparator.comparingDouble(Turn::served)
                        .thenComparingLong(turn -> turn.next().arrivalNanos());
    }

    private List<SequenceView> turned(Map<String, Deque<SequenceView>> lines) {
        PriorityQueue<Turn> turns = new PriorityQueue<>(Turn.ORDER);
        lines.forEach(
                (tenant, line) ->
                        turns.add(new Turn(counters.served(tenant), line.remove(), line)));
        List<SequenceView> turned = new ArrayList<>();
        for (Turn turn = turns.poll(); turn != null; turn = turns.poll()) {
            turned.add(turn.next());
            if (!turn.line().isEmpty()) {
                double served = turn.served() + inputWeight * turn.next().remainingPrefill();
                turns.add(new Turn(served, turn.line().remove(), turn.line()));
            }
        }
        return turned;
    }

    private void count(Composition composition, StepView view) {
        Set<SequenceKey> decodes = new HashSet<>(composition.decodes());
        for (SequenceView s : view.decoding()) {
            if (decodes.contains(s.key())) {
                token(s);
            }
        }
        Map<SequenceKey, Integer> chunks = new HashMap<>();
        composition.chunks().forEach(c -> chunks.put(c.sequence(), c.tokens()));
        count(chunks, view.prefilling());
        count(chunks, view.waiting());
    }

    private void count(
            Map<SequenceKey, Integer> chunks, Collection<? extends SequenceView> sequences) {
        for (SequenceView s : sequences) {
            if (chunks.isEmpty()) {
                return;
            }
            Integer tokens = chunks.remove(s.key());
            if (tokens == null) {
                continue;
            }
            if (s.generated() == 0) {
                counters.charge(s.request().tenant(), inputWeight * tokens);
            }
            if (tokens == s.remainingPrefill()) {
                token(s);
            }
        }
    }

    private void token(SequenceView s) {
        outputTokens.merge(s.request().tenant(), 1L, Long::sum);
        counters.charge(s.request().tenant(), outputWeight);
    }

    @Override
    public Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
        return inner.afterSlice(view, running, remainingNanos);
    }

    @Override
    public boolean tellsProgress() {
        return inner.tellsProgress();
    }

    @Override
    public void ended(SequenceView sequence) {
        inner.ended(sequence);
    }

    @Override
    public Outlook outlook() {
        Outlook outlook = inner.outlook();
        Outlook told = outlook.withOutputTokens(outputTokens);
        outputTokens.clear();
        return told;
    }

    /** What the planner shows, with those that wait in another order. */
    private record Turned(StepView view, List<SequenceView> waiting) implements StepView {
        @Override
        public long nowNanos() {
            return view.nowNanos();
        }

        @Override
        public WorkerSpec worker() {
            return view.worker();
        }

        @Override
        public LatencyModel latency() {
            return view.latency();
        }

        @Override
        public Collection<? extends SequenceView> prefilling() {
            return view.prefilling();
        }

        @Override
        public Collection<? extends SequenceView> decoding() {
            return view.decoding();
        }

        @Override
        public long freeKvUnits() {
            return view.freeKvUnits();
        }

        @Override
        public boolean hasSuspended() {
            return view.hasSuspended();
        }
    }
}
