package io.hfx.scheduler.policy;

import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.message.StepPlan;

/**
 * The half of a policy that one worker's step planner asks: what runs next, and whether a running
 * step is to be interrupted. Owned by one planner; may keep state.
 */
public interface StepPolicy {
    /**
     * The next step. It must not be empty while a sequence can run or a step is suspended;
     * otherwise nothing would ever wake the worker. (While KV moves to or from the worker it may be
     * empty: the end of that wakes it.)
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

    /**
     * Whether the dispatcher's half needs to know how far each running request is ({@link
     * Running#generated()}). It costs a line a request in every report.
     */
    default boolean tellsProgress() {
        return false;
    }

    /** Hears of each sequence whose output is complete. */
    default void ended(SequenceView sequence) {}

    /**
     * What the dispatcher's half of the policy is to know with the next report ({@link
     * WorkerView#outlook()}). Asked after {@link #compose}.
     */
    default Outlook outlook() {
        return Outlook.NONE;
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
