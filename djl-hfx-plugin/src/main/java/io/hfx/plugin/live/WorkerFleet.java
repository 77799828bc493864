package io.hfx.plugin.live;

import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.plugin.service.WorkerFailure;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one model: starts them, lets them leave, puts a fresh one in the place of one that
 * failed, and gives a place up where too many failed. Thread-safe.
 */
final class WorkerFleet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerFleet.class);
    private static final long START_WAIT_SECONDS = 10;

    /** Hears of workers; from any thread, in the order of what happens. Must not block. */
    interface Outlet {
        void joined(WorkerSpec worker);

        void draining(WorkerId worker, long graceNanos);

        /** A worker is there to stay or on its way, where none was. */
        void staffed();

        /**
         * No worker is there to stay, nor on its way.
         *
         * @param failed whether one was given up; else the last was taken away
         */
        void unstaffed(boolean failed);
    }

    private final WorkerFactory factory;
    private final RestartLimits limits;
    private final Outlet outlet;
    private final List<WorkerPlace> places = new ArrayList<>();
    private final Map<WorkerId, WorkerLoop> serving = new ConcurrentHashMap<>();
    private final Map<WorkerFailure, Long> failures = new EnumMap<>(WorkerFailure.class);
    private final Map<WorkerFailure, Long> restarts = new EnumMap<>(WorkerFailure.class);
    private final ScheduledThreadPoolExecutor starter =
            new ScheduledThreadPoolExecutor(1, WorkerFleet::thread);
    private boolean staffed;
    private boolean closed;

    WorkerFleet(WorkerFactory factory, RestartLimits limits, Outlet outlet) {
        this.factory = factory;
        this.limits = limits;
        this.outlet = outlet;
    }

    /** Starts that many workers, one after the other, and waits for them; call once. */
    void start(int workers) {
        for (int i = 0; i < workers; i++) {
            WorkerId id = factory.newId();
            WorkerLoop worker = factory.create(id);
            enter(place(id), worker);
        }
    }

    /** One worker more, which is started in the background. */
    @SuppressWarnings("FutureReturnValueIgnored") // start() catches everything
    synchronized WorkerPlace add() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
        WorkerId id = factory.newId();
        WorkerPlace place = place(id);
        starter.execute(() -> start(place, id));
        return place;
    }

    /**
     * Lets a worker leave. What runs on it ends there or, after the grace time, goes on elsewhere.
     */
    synchronized void drain(WorkerPlace place, long graceNanos) {
        if (place.isLeaving() || closed) {
            return;
        }
        WorkerLoop worker = place.worker();
        place.leave();
        if (worker != null) {
            outlet.draining(worker.spec().id(), graceNanos);
        } else {
            starter.execute(() -> left(place)); // behind its start
        }
        tellStaffing();
    }

    /** A draining worker has nothing left. */
    void retire(WorkerId id) {
        WorkerLoop worker = serving.remove(id);
        if (worker != null) {
            worker.stop();
        }
    }

    /** The worker of that name, or null where it is gone. */
    @Nullable WorkerLoop find(WorkerId id) {
        return serving.get(id);
    }

    /** A worker gets no more orders. */
    void remove(WorkerLoop worker) {
        serving.remove(worker.spec().id());
    }

    /** A removed worker failed: another one takes its place after a pause, if one may. */
    void replace(WorkerLoop worker, WorkerFailure cause) {
        WorkerPlace place = placeOf(worker);
        if (place != null) {
            synchronized (this) {
                place.failed(worker);
            }
            failed(place, cause, new IllegalStateException(cause.message()));
        }
    }

    synchronized List<WorkerStatus> statuses() {
        return closed ? List.of() : places.stream().map(WorkerPlace::status).toList();
    }

    synchronized WorkerStatus status(WorkerPlace place) {
        return place.status();
    }

    synchronized Map<WorkerFailure, Long> failures() {
        return Map.copyOf(failures);
    }

    synchronized Map<WorkerFailure, Long> restarts() {
        return Map.copyOf(restarts);
    }

    /** Ends all workers and frees their KV. A second call has no effect. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        starter.shutdownNow();
        try {
            boolean ended = starter.awaitTermination(START_WAIT_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                LOG.warn("a worker was still starting when the model closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<WorkerPlace> all;
        synchronized (this) {
            all = List.copyOf(places);
            places.clear();
            all.forEach(WorkerPlace::leave);
        }
        List<WorkerLoop> loops =
                all.stream().map(WorkerPlace::worker).filter(Objects::nonNull).toList();
        loops.forEach(WorkerLoop::stop);
        loops.forEach(WorkerLoop::close);
        serving.clear();
        all.forEach(place -> place.left().complete(null));
    }

    private synchronized WorkerPlace place(WorkerId id) {
        WorkerPlace place = new WorkerPlace(id, new RestartBudget(limits));
        places.add(place);
        tellStaffing();
        return place;
    }

    private synchronized @Nullable WorkerPlace placeOf(WorkerLoop worker) {
        return places.stream().filter(p -> worker.equals(p.worker())).findFirst().orElse(null);
    }

    private void tellStaffing() {
        boolean now = places.stream().anyMatch(WorkerPlace::stays);
        if (now == staffed || closed) {
            return;
        }
        staffed = now;
        if (now) {
            outlet.staffed();
        } else {
            outlet.unstaffed(!places.stream().allMatch(WorkerPlace::isLeaving));
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // ended() throws nothing
    private void enter(WorkerPlace place, WorkerLoop worker) {
        synchronized (this) {
            if (!closed && !place.isLeaving()) {
                worker.start();
                place.enter(worker);
                worker.ended().thenRun(() -> ended(place, worker));
                serving.put(worker.spec().id(), worker);
                outlet.joined(worker.spec());
                return;
            }
        }
        worker.start();
        worker.close();
    }

    /** The thread of a place's worker has ended, its KV is free. */
    private synchronized void ended(WorkerPlace place, WorkerLoop worker) {
        if (place.isLeaving() && worker.equals(place.worker())) {
            left(place);
        }
    }

    private synchronized void left(WorkerPlace place) {
        places.remove(place);
        place.left().complete(null);
    }

    private void failed(WorkerPlace place, WorkerFailure cause, Throwable error) {
        synchronized (this) {
            failures.merge(cause, 1L, Long::sum);
            if (closed) {
                return;
            }
            if (place.isLeaving()) {
                left(place);
                return;
            }
            OptionalLong pause = place.budget().take(System.nanoTime());
            if (pause.isPresent()) {
                restartAfter(place, cause, pause.getAsLong());
                return;
            }
            place.giveUp(error);
            LOG.error(
                    "{} is given up: {} restarts within {} s did not help",
                    place.name(),
                    limits.restarts(),
                    TimeUnit.NANOSECONDS.toSeconds(limits.windowNanos()));
            tellStaffing();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // restart() catches everything
    private void restartAfter(WorkerPlace place, WorkerFailure cause, long pauseNanos) {
        LOG.info("{} restarts in {} ms", place.name(), pauseNanos / 1_000_000);
        starter.schedule(() -> restart(place, cause), pauseNanos, TimeUnit.NANOSECONDS);
    }

    private void restart(WorkerPlace place, WorkerFailure cause) {
        if (start(place, factory.newId())) {
            synchronized (this) {
                restarts.merge(cause, 1L, Long::sum);
            }
        }
    }

    /** Makes a worker for a place; returns whether it did. Throws nothing. */
    private boolean start(WorkerPlace place, WorkerId id) {
        synchronized (this) {
            if (place.isLeaving()) {
                return false;
            }
        }
        try {
            WorkerLoop worker = factory.create(id);
            enter(place, worker);
            LOG.info("{} serves", id.name());
            return true;
        } catch (RuntimeException | Error e) {
            LOG.error("{} could not be started", id.name(), e);
            failed(place, WorkerFailure.of(e), e);
            return false;
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "hfx-starter");
        thread.setDaemon(true);
        return thread;
    }
}
