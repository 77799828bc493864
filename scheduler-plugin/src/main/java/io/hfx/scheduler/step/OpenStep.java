package io.hfx.scheduler.step;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.request.SequenceKey;
import java.util.HashSet;
import java.util.Set;

/**
 * A step that runs or is suspended.
 *
 * @param plan what it computes
 * @param shape for the latency model
 * @param predictedNanos of the whole step, when it was composed
 * @param members its sequences, forks included: pinned while it is open
 */
record OpenStep(StepPlan plan, StepShape shape, long predictedNanos, Set<SequenceKey> members) {
    OpenStep(StepPlan plan, StepShape shape, long predictedNanos) {
        this(plan, shape, predictedNanos, membersOf(plan));
    }

    private static Set<SequenceKey> membersOf(StepPlan plan) {
        Set<SequenceKey> members = new HashSet<>(plan.decodes());
        for (StepPlan.Chunk chunk : plan.chunks()) {
            members.add(chunk.sequence());
            members.addAll(chunk.forks());
        }
        return members;
    }
}
