package io.hfx.scheduler.message;

import io.hfx.scheduler.request.SequenceKey;
import java.util.List;

/** What a step planner hears. Its driver, the worker's loop, stamps each event. */
public sealed interface WorkerEvent {
    /** Time on the driver's clock, in nanoseconds; never goes back. */
    long atNanos();

    /** Calls the method of the listener that is meant for this event. */
    void tell(Listener listener);

    /**
     * Orders of the dispatcher came in, in the order of their numbers. Those that come together are
     * heard together, so that what they bind can share a step.
     */
    record Ordered(long atNanos, List<WorkerOrder> orders) implements WorkerEvent {
        public Ordered {
            orders = List.copyOf(orders);
        }

        public Ordered(long atNanos, WorkerOrder order) {
            this(atNanos, List.of(order));
        }

        @Override
        public void tell(Listener listener) {
            listener.ordered(this);
        }
    }

    /** The front needs no more of a sequence: a stop string was found. */
    record SequenceStopped(long atNanos, SequenceKey sequence) implements WorkerEvent {
        @Override
        public void tell(Listener listener) {
            listener.sequenceStopped(this);
        }
    }

    /**
     * A slice of the running step is done, and it was not the last.
     *
     * @param done slices done
     * @param slices slices of the step
     */
    record SliceDone(long atNanos, int done, int slices) implements WorkerEvent {
        @Override
        public void tell(Listener listener) {
            listener.sliceDone(this);
        }
    }

    /**
     * The running step is complete. Every decode and every chunk that completed its prefill gained
     * one token, and so did their forks.
     *
     * @param endedByModel of these, the sequences whose token ends them
     * @param busyNanos time spent in the slices of this step; 0 where it says nothing of other
     *     steps, as after a failure
     */
    record StepDone(long atNanos, List<SequenceKey> endedByModel, long busyNanos)
            implements WorkerEvent {
        public StepDone {
            endedByModel = List.copyOf(endedByModel);
        }

        @Override
        public void tell(Listener listener) {
            listener.stepDone(this);
        }
    }

    /**
     * What {@link WorkerCommand.Fetch} asked for is over.
     *
     * @param complete whether all KV is here; otherwise nothing of it counts
     */
    record Fetched(long atNanos, long requestId, boolean complete) implements WorkerEvent {
        @Override
        public void tell(Listener listener) {
            listener.fetched(this);
        }
    }

    /**
     * A cache has so many tokens from the start of a sequence that has none in KV. Changes nothing
     * for one that has begun.
     */
    record Cached(long atNanos, SequenceKey sequence, int tokens) implements WorkerEvent {
        @Override
        public void tell(Listener listener) {
            listener.cached(this);
        }
    }

    /** One method an event: a new event does not compile until it is handled. */
    interface Listener {
        void ordered(Ordered event);

        void sequenceStopped(SequenceStopped event);

        void sliceDone(SliceDone event);

        void stepDone(StepDone event);

        void fetched(Fetched event);

        void cached(Cached event);
    }
}
