package io.hfx.simulator.fleet;

import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.time.VirtualTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The workers that are there, and the time of those that were: what a fleet is billed for. */
final class WorkerPark {
    private final VirtualTime time;
    private final Map<WorkerId, Place> places = new LinkedHashMap<>();
    private long goneSteps;
    private long goneBusyNanos;
    private long gonePresentNanos;
    private final PredictionErrors goneErrors = new PredictionErrors();

    /**
     * A worker that is there.
     *
     * @param sinceNanos when it came
     */
    private record Place(SimWorker worker, long sinceNanos) {}

    WorkerPark(VirtualTime time) {
        this.time = time;
    }

    void add(WorkerId id, SimWorker worker) {
        if (places.putIfAbsent(id, new Place(worker, time.nowNanos())) != null) {
            throw new IllegalArgumentException("two workers are named " + id);
        }
    }

    /** Takes a worker away at once; returns whether it was there. */
    boolean remove(WorkerId id) {
        Place place = places.remove(id);
        if (place == null) {
            return false;
        }
        place.worker().lose();
        goneSteps += place.worker().steps();
        goneBusyNanos += place.worker().busyNanos();
        goneErrors.add(place.worker().errors());
        gonePresentNanos += presentNanos(place, time.nowNanos());
        return true;
    }

    @Nullable SimWorker get(WorkerId id) {
        Place place = places.get(id);
        return place == null ? null : place.worker();
    }

    long steps() {
        return goneSteps + places.values().stream().mapToLong(p -> p.worker().steps()).sum();
    }

    /** Of all workers' latency models. */
    PredictionErrors errors() {
        PredictionErrors all = new PredictionErrors();
        all.add(goneErrors);
        places.values().forEach(p -> all.add(p.worker().errors()));
        return all;
    }

    long busyNanos() {
        return goneBusyNanos
                + places.values().stream().mapToLong(p -> p.worker().busyNanos()).sum();
    }

    /** Time of all workers until the end of the run. */
    long presentNanos(long endNanos) {
        return gonePresentNanos
                + places.values().stream().mapToLong(p -> presentNanos(p, endNanos)).sum();
    }

    /** Checks that all KV is back and that no worker was busy for longer than it was there. */
    void check(long endNanos) {
        for (Place place : places.values()) {
            place.worker().assertAllGivenBack();
            if (place.worker().busyNanos() > presentNanos(place, endNanos)) {
                throw new IllegalStateException("a worker was busy for longer than it was there");
            }
        }
    }

    private static long presentNanos(Place place, long endNanos) {
        return Math.max(0, endNanos - place.sinceNanos());
    }
}
