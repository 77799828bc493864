package io.hfx.scheduler.message;

import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;

/** What a step planner wants done by its worker's loop, in this order. */
public sealed interface WorkerCommand {
    /** Start this step and run its first slice. */
    record Run(StepPlan plan) implements WorkerCommand {}

    /** Run the next slice of the running step. */
    record Proceed() implements WorkerCommand {}

    /** Put the running step aside as it is; another one runs in its place. */
    record Suspend() implements WorkerCommand {}

    /** Take the suspended step up again and run its next slice. */
    record Resume() implements WorkerCommand {}

    /** Give the running step up: none of its sequences changes. */
    record Abandon() implements WorkerCommand {}

    /** The sequence holds no KV any more; free it. */
    record Release(SequenceKey sequence, Cause cause) implements WorkerCommand {}

    /**
     * Start to copy the KV of these sequences from another worker, where they are paused. The loop
     * answers with {@link WorkerEvent.Fetched}, whatever comes of it.
     */
    record Fetch(long requestId, WorkerId from, List<Piece> pieces) implements WorkerCommand {
        public Fetch {
            pieces = List.copyOf(pieces);
        }
    }

    /**
     * Copy the KV of these positions, which a cache has, into the sequence; it holds all before
     * them. Comes at a step boundary.
     *
     * @param fromToken first position
     * @param tokens number of positions, at least 1
     */
    record Restore(SequenceKey sequence, int fromToken, int tokens) implements WorkerCommand {}

    /** Send this to the dispatcher. */
    record Report(StepReport report) implements WorkerCommand {}

    /**
     * The KV of one sequence.
     *
     * @param sequence whose
     * @param tokens positions in KV, from 0
     */
    record Piece(SequenceKey sequence, int tokens) {}

    /** Why a sequence left its worker. */
    enum Cause {
        /** The model ended it. */
        ENDED,
        /** It has its {@code maxTokens}. */
        LENGTH,
        /** The front stopped it. */
        STOPPED,
        /** Its client is gone. */
        CANCELLED,
        /** It lost its KV to others and will be computed again. */
        PREEMPTED,
        /** It went back to the dispatcher. */
        HANDED_BACK,
        /** It goes on at another worker, with its KV. */
        MOVED
    }
}
