package io.hfx.scheduler.step;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.Collection;
import java.util.function.Predicate;

/** What a planner shows its policy in one call. */
record PlannerView(
        long nowNanos,
        WorkerSpec worker,
        LatencyModel latency,
        Roster roster,
        StepComposer composer,
        Predicate<Sequence> open,
        boolean hasSuspended)
        implements StepView {
    @Override
    public Collection<? extends SequenceView> waiting() {
        return composer.startable(open.negate());
    }

    @Override
    public Collection<? extends SequenceView> prefilling() {
        return roster.in(Sequence.Phase.PREFILLING, open.negate());
    }

    @Override
    public Collection<? extends SequenceView> decoding() {
        return roster.in(Sequence.Phase.DECODING, open.negate());
    }

    @Override
    public long freeKvUnits() {
        return roster.freeKvUnits();
    }
}
