package io.hfx.scheduler.message;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.List;

/** What a dispatcher hears. Its driver stamps each event as it hands it in. */
public sealed interface FleetEvent {
    /** Time on the driver's clock, in nanoseconds; never goes back. */
    long atNanos();

    /** Calls the method of the listener that is meant for this event. */
    void tell(Listener listener);

    /**
     * A request came.
     *
     * @param ageNanos how long ago it was read from its connection
     */
    record Arrived(long atNanos, RequestSpec request, long ageNanos) implements FleetEvent {
        @Override
        public void tell(Listener listener) {
            listener.arrived(this);
        }
    }

    /** The client of a request is gone. */
    record Cancelled(long atNanos, long requestId) implements FleetEvent {
        @Override
        public void tell(Listener listener) {
            listener.cancelled(this);
        }
    }

    /** A worker reported. */
    record Reported(long atNanos, StepReport report) implements FleetEvent {
        @Override
        public void tell(Listener listener) {
            listener.reported(this);
        }
    }

    /** A worker is ready for work. */
    record WorkerJoined(long atNanos, WorkerSpec worker) implements FleetEvent {
        @Override
        public void tell(Listener listener) {
            listener.workerJoined(this);
        }
    }

    /**
     * A worker is gone, with its KV.
     *
     * @param progress tokens that clients already have, for each unfinished request it held and
     *     that had begun
     */
    record WorkerLost(long atNanos, WorkerId worker, List<Progress> progress)
            implements FleetEvent {
        public WorkerLost {
            progress = List.copyOf(progress);
        }

        @Override
        public void tell(Listener listener) {
            listener.workerLost(this);
        }
    }

    /**
     * A worker is to leave. It gets no new work and gives back what it has not started; what runs
     * there may end there for a time, then it goes on at another worker, if there is one. {@link
     * FleetCommand.Retire} follows when it has nothing left.
     *
     * @param graceNanos how long running requests may stay although another worker could take them
     */
    record WorkerDraining(long atNanos, WorkerId worker, long graceNanos) implements FleetEvent {
        @Override
        public void tell(Listener listener) {
            listener.workerDraining(this);
        }
    }

    /**
     * Whether any worker is there to stay or on its way. While none is, what waits is refused.
     * Until it is told, a dispatcher takes it that one is.
     */
    record Staffed(long atNanos, boolean staffed) implements FleetEvent {
        @Override
        public void tell(Listener listener) {
            listener.staffed(this);
        }
    }

    /** The time that was asked for with {@link FleetCommand.Wake} has come. */
    record Woken(long atNanos) implements FleetEvent {
        @Override
        public void tell(Listener listener) {
            listener.woken(this);
        }
    }

    /** One method an event: a new event does not compile until it is handled. */
    interface Listener {
        void arrived(Arrived event);

        void cancelled(Cancelled event);

        void reported(Reported event);

        void workerJoined(WorkerJoined event);

        void workerLost(WorkerLost event);

        void workerDraining(WorkerDraining event);

        void staffed(Staffed event);

        void woken(Woken event);
    }
}
