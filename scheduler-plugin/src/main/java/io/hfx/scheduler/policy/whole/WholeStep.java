package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;

/**
 * Runs what the dispatcher bound, whole and in its order. A driver of such workers only has a
 * {@link io.hfx.scheduler.step.BatchPlanner} do the same for less.
 */
final class WholeStep implements StepPolicy {
    @Override
    public Composition compose(StepView view) {
        Batching batch = new Batching(view);
        batch.decodeAll();
        for (SequenceView sequence : view.waiting()) {
            batch.prefill(sequence, sequence.remainingPrefill());
        }
        return batch.composition();
    }
}
