package io.hfx.scheduler.policy;

import io.hfx.scheduler.policy.Gauges.Cost;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a dispatcher shows its policy. Valid during one call. */
public interface FleetView {
    /** Time of the event being handled, on the driver's clock. */
    long nowNanos();

    /**
     * The workers, in the order in which they joined. To look through all of them takes a time that
     * grows with the fleet: see {@link #least}.
     */
    List<WorkerView> workers();

    /**
     * The worker of the least cost; ties to the one that joined first; null where none will do. A
     * dispatcher looks at few workers for it, however many there are.
     */
    default @Nullable WorkerView least(Gauges gauges, Cost cost) {
        return least(gauges, cost, worker -> true);
    }

    /**
     * The worker of the least cost among those that pass.
     *
     * @param passes asked of a worker only where its cost is less than that of all that passed
     */
    default @Nullable WorkerView least(Gauges gauges, Cost cost, Predicate<WorkerView> passes) {
        double[] read = new double[gauges.count()];
        WorkerView best = null;
        double least = Cost.NEVER;
        for (WorkerView worker : workers()) {
            gauges.read(worker, read, 0);
            double of = cost.of(read, 0);
            if (of < least && passes.test(worker)) {
                best = worker;
                least = of;
            }
        }
        return best;
    }

    /** The workers that do, whatever their cost, in the order in which they joined. */
    default List<WorkerView> those(Gauges gauges, Cost cost) {
        double[] read = new double[gauges.count()];
        List<WorkerView> those = new ArrayList<>();
        for (WorkerView worker : workers()) {
            gauges.read(worker, read, 0);
            if (cost.of(read, 0) < Cost.NEVER) {
                those.add(worker);
            }
        }
        return those;
    }

    /** Requests that wait. */
    int waiting();

    /** Requests that wait in a lane. */
    int waiting(int lane);

    /** The first request of a lane, or null. */
    @Nullable Waiting first(int lane);

    /** The requests of a lane in the order of their ranks. For a look at few, or now and then. */
    Iterable<Waiting> requests(int lane);
}
