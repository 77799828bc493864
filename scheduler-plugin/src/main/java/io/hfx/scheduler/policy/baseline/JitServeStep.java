package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.OutputLengths;
import io.hfx.scheduler.policy.parts.WithinTime;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** JITServe's batch: those of most worth whose bandwidths fit, each just in time; then the rest. */
final class JitServeStep implements StepPolicy {
    private static final int MOST_STEP_TOKENS = 1 << 14;

    /** All of a worker's time; sums of shares may be off by their rounding. */
    private static final double FULL = 1 + 1e-9;

    private final JitServe.Settings settings;
    private final OutputLengths lengths = new OutputLengths();

    JitServeStep(JitServe.Settings settings) {
        this.settings = settings;
    }

    @Override
    public void ended(SequenceView s) {
        lengths.ended(s.request().sloClass().name(), s.generated());
    }

    /**
     * A decoding sequence.
     *
     * @param tpotNanos its pace, to plan with
     * @param dueNanos from now until its next token
     * @param share of the worker's time that it needs
     * @param worth class weight for its remaining time
     */
    private record Decode(
            SequenceView sequence, double tpotNanos, double dueNanos, double share, double worth) {}

    @Override
    public Composition compose(StepView view) {
        List<Decode> timed = new ArrayList<>();
        List<SequenceView> rest = new ArrayList<>();
        sort(view, timed, rest);
        double stepNanos = settings.maxStepNanos();
        for (Decode d : timed) {
            stepNanos = Math.min(stepNanos, d.tpotNanos());
        }
        dropLeastWorth(view.latency(), timed, rest, stepNanos);
        timed.sort(Comparator.comparingDouble(Decode::dueNanos));
        List<SequenceView> early = new ArrayList<>();
        Batching batch = new Batching(view);
        double limitNanos = settings.maxStepNanos();
        for (Decode d : timed) {
            boolean now = d.dueNanos() < 2 * stepNanos;
            limitNanos = Math.min(limitNanos, now ? d.dueNanos() : d.dueNanos() - stepNanos);
            if (now) {
                batch.decode(List.of(d.sequence()));
            } else {
                early.add(d.sequence());
            }
        }
        WithinTime step = new WithinTime(view, batch, (long) limitNanos);
        Prompts prompts = Prompts.of(view);
        step.prefill(prompts.inTime(), settings.minChunkTokens(), MOST_STEP_TOKENS);
        early.forEach(step::decode);
        rest.forEach(step::decode);
        int least = batch.isEmpty() ? settings.minChunkTokens() : 0;
        step.prefill(prompts.late(), least, MOST_STEP_TOKENS);
        return batch.composition();
    }

    /** Those that need a bandwidth, and those that need none or more than there is. */
    private void sort(StepView view, List<Decode> timed, List<SequenceView> rest) {
        LatencyModel latency = view.latency();
        for (SequenceView s : view.decoding()) {
            int tokens = tokensLeft(s);
            double tpotNanos = tpotNanos(s, tokens, view.nowNanos());
            double needNanos = Math.min(tpotNanos, needNanos(s, tokens, view.nowNanos()));
            double aloneNanos = latency.stepNanos(StepShape.EMPTY.plusDecode(s.computed() + 1));
            if (tpotNanos == Slo.NONE || needNanos < aloneNanos) {
                rest.add(s);
                continue;
            }
            double nanos = latency.decodeNanos() + (s.computed() + 1) * latency.contextNanos();
            timed.add(
                    new Decode(
                            s,
                            tpotNanos,
                            dueNanos(s, tpotNanos, view.nowNanos()),
                            nanos / needNanos,
                            s.request().sloClass().weight() / (tokens * nanos)));
        }
    }

    /** The bound on the tokens still to come; at least 1. */
    private int tokensLeft(SequenceView s) {
        int left = s.request().expectedTokens() - s.generated();
        if (left <= 0) {
            String name = s.request().sloClass().name();
            left = lengths.remaining(name, s.generated(), settings.quantile());
        }
        return Math.max(1, left > 0 ? Math.min(left, s.remainingTokens()) : s.remainingTokens());
    }

    /** The stated TPOT, or the time left over the tokens left. */
    private double tpotNanos(SequenceView s, int tokens, long nowNanos) {
        if (s.leftover()) {
            return Slo.NONE;
        }
        if (s.slo().hasTpot()) {
            return settings.margin() * s.slo().tpotNanos();
        }
        double leftNanos = (double) s.arrivalNanos() + s.slo().e2eNanos() - nowNanos;
        return !s.slo().hasE2e() || leftNanos <= 0
                ? Slo.NONE
                : settings.margin() * leftNanos / tokens;
    }

    private static double dueNanos(SequenceView s, double tpotNanos, long nowNanos) {
        return s.slo().hasTpot()
                ? s.firstTokenNanos() + s.generated() * tpotNanos - nowNanos
                : tpotNanos;
    }

    /** Time for each token left with which its mean TPOT still holds. */
    private static double needNanos(SequenceView s, int tokens, long nowNanos) {
        if (!s.slo().hasTpot()) {
            return Slo.NONE;
        }
        double allNanos = (s.generated() - 1.0 + tokens) * s.slo().tpotNanos();
        return (allNanos - (nowNanos - s.firstTokenNanos())) / tokens;
    }

    /** Where the bandwidths do not fit together, those of least worth take what is left. */
    private static void dropLeastWorth(
            LatencyModel latency, List<Decode> timed, List<SequenceView> rest, double stepNanos) {
        double share = (latency.baseNanos() + latency.decodeBaseNanos()) / stepNanos;
        for (Decode d : timed) {
            share += d.share();
        }
        if (share > FULL) {
            timed.sort(Comparator.comparingDouble(Decode::worth));
            int dropped = 0;
            while (share > FULL && dropped < timed.size() - 1) {
                share -= timed.get(dropped).share();
                rest.add(timed.get(dropped).sequence());
                dropped++;
            }
            timed.subList(0, dropped).clear();
        }
    }
}
