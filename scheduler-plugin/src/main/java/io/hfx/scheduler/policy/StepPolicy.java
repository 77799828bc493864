package io.hfx.scheduler.policy;

import io.hfx.scheduler.message.StepPlan;

/**
 * The half of a policy that one worker's step planner asks: what runs next, and whether a running
 * step is to be interrupted. Owned by one planner; may keep state.
 */
public interface StepPolicy {
    /**
     * The next step. It must not be empty while a sequence is unfinished and none is suspended;
     * otherwise nothing would ever wake the worker.
     */
    Composition compose(StepView view);

    /**
     * Asked between two slices of a running step, after new orders were taken in.
     *
     * @param running what runs
     * @param remainingNanos predicted rest of it
     */
    default Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
        return Verdict.CONTINUE;
    }

    /** What becomes of a running step. */
    enum Verdict {
        CONTINUE,
        /** Another step runs first; this one is taken up again later. At most one is suspended. */
        YIELD,
        /** What it computed is lost. */
        ABORT
    }
}
