package io.hfx.plugin.live;

import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.plugin.service.WorkerFailure;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of one model: starts them, puts a fresh one in the place of one that failed, and
 * gives a place up where too many failed. Thread-safe.
 */
final class WorkerFleet implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerFleet.class);
    private static final long RESTART_WAIT_SECONDS = 10;

    /** Hears of workers; from any thread. */
    interface Outlet {
        void joined(WorkerSpec worker);

        /** The last place was given up: nothing will run any more. */
        void allGone();
    }

    private final WorkerFactory factory;
    private final RestartLimits limits;
    private final Outlet outlet;
    private final List<Place> places = new ArrayList<>();
    private final Map<WorkerId, WorkerLoop> serving = new ConcurrentHashMap<>();
    private final Map<WorkerFailure, Long> failures = new EnumMap<>(WorkerFailure.class);
    private final Map<WorkerFailure, Long> restarts = new EnumMap<>(WorkerFailure.class);
    private final ScheduledThreadPoolExecutor restarter =
            new ScheduledThreadPoolExecutor(1, WorkerFleet::thread);
    private boolean closed;

    WorkerFleet(WorkerFactory factory, RestartLimits limits, Outlet outlet) {
        this.factory = factory;
        this.limits = limits;
        this.outlet = outlet;
    }

    /** Starts that many workers, one after the other; call once. */
    void start(int workers) {
        for (int i = 0; i < workers; i++) {
            WorkerLoop worker = factory.create();
            Place place = new Place(worker, new RestartBudget(limits));
            synchronized (this) {
                places.add(place);
            }
            enter(place, worker);
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
        Place place;
        synchronized (this) {
            place =
                    places.stream()
                            .filter(each -> worker.equals(each.worker))
                            .findFirst()
                            .orElseThrow();
            place.leave(worker);
        }
        failed(place, cause);
    }

    synchronized List<WorkerStatus> statuses() {
        return closed ? List.of() : places.stream().map(Place::status).toList();
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
        restarter.shutdownNow();
        try {
            boolean ended = restarter.awaitTermination(RESTART_WAIT_SECONDS, TimeUnit.SECONDS);
            if (!ended) {
                LOG.warn("a worker was still starting when the model closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        serving.values().forEach(WorkerLoop::close);
        serving.clear();
    }

    private void enter(Place place, WorkerLoop worker) {
        synchronized (this) {
            if (!closed) {
                worker.start();
                place.enter(worker);
                serving.put(worker.spec().id(), worker);
                outlet.joined(worker.spec());
                return;
            }
        }
        worker.start();
        worker.close();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // restart() catches everything
    private void failed(Place place, WorkerFailure cause) {
        boolean lastGone;
        synchronized (this) {
            failures.merge(cause, 1L, Long::sum);
            if (closed) {
                return;
            }
            OptionalLong pause = place.budget.take(System.nanoTime());
            if (pause.isPresent()) {
                long pauseNanos = pause.getAsLong();
                LOG.info("{} restarts in {} ms", place.name(), pauseNanos / 1_000_000);
                restarter.schedule(() -> restart(place, cause), pauseNanos, TimeUnit.NANOSECONDS);
                return;
            }
            place.gone = true;
            LOG.error(
                    "{} is given up: {} restarts within {} s did not help",
                    place.name(),
                    limits.restarts(),
                    TimeUnit.NANOSECONDS.toSeconds(limits.windowNanos()));
            lastGone = places.stream().allMatch(each -> each.gone);
        }
        if (lastGone) {
            outlet.allGone();
        }
    }

    private void restart(Place place, WorkerFailure cause) {
        try {
            WorkerLoop worker = factory.create();
            enter(place, worker);
            synchronized (this) {
                restarts.merge(cause, 1L, Long::sum);
            }
            LOG.info("{} serves", worker.spec().id().name());
        } catch (RuntimeException | Error e) {
            LOG.error("{} could not be restarted", place.name(), e);
            failed(place, WorkerFailure.of(e));
        }
    }

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "hfx-restart");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Where one worker serves at a time. Guarded by the fleet. Holds on to no worker that has
     * failed, nor to its KV.
     */
    private static final class Place {
        private final RestartBudget budget;
        private @Nullable WorkerLoop worker;
        private WorkerStatus last;
        private boolean gone;

        Place(WorkerLoop first, RestartBudget budget) {
            this.budget = budget;
            this.last = first.status();
        }

        void enter(WorkerLoop next) {
            last = next.status();
            worker = next;
        }

        void leave(WorkerLoop failed) {
            last = failed.status();
            worker = null;
        }

        String name() {
            return last.id();
        }

        WorkerStatus status() {
            return worker != null
                    ? worker.status()
                    : last.ended(gone ? WorkerStatus.GONE : WorkerStatus.RESTARTING);
        }
    }
}
