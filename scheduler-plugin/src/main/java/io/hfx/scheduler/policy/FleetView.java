package io.hfx.scheduler.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a dispatcher shows its policy. Valid during one call. */
public interface FleetView {
    /** Time of the event being handled, on the driver's clock. */
    long nowNanos();

    /** The workers, in the order in which they joined. */
    List<WorkerView> workers();

    /** Requests that wait. */
    int waiting();

    /** Requests that wait in a lane. */
    int waiting(int lane);

    /** The first request of a lane, or null. */
    @Nullable Waiting first(int lane);

    /** The requests of a lane in the order of their ranks. For a look at few, or now and then. */
    Iterable<Waiting> requests(int lane);
}
