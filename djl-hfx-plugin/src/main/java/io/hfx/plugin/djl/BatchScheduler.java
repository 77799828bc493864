package io.hfx.plugin.djl;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.step.StepPlanner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides which jobs an opaque engine's workers run together, and when: drives a dispatcher and one
 * step planner per worker, all in this process. It holds no clock: the caller says what time it is,
 * and time never goes back.
 *
 * <p>Not thread-safe: its queue owns it.
 *
 * @param <J> a job
 */
final class BatchScheduler<J> {
    /** What a worker's batches are expected to take before any was measured: almost nothing. */
    private static final LatencyModel UNKNOWN = new LatencyModel(250, 750, 0, 0, 0, 0, 0);

    private final Policy policy;
    private final PolicyConfig config;
    private final Outcomes<J> outcomes;
    private final QueueObserver<J> observer;
    private final Dispatcher dispatcher;
    private final Map<Long, J> jobs = new LinkedHashMap<>();
    private final Map<WorkerId, Seat> seats = new LinkedHashMap<>();
    private final Deque<FleetEvent> events = new ArrayDeque<>();
    private LatencyModel learnt = UNKNOWN;
    private long lastId;
    private boolean telling;

    /** Hears what becomes of jobs. */
    interface Outcomes<J> {
        /**
         * The job will not run: no worker gets it.
         *
         * @param retryAfterNanos when trying again makes sense; 0 where unknown
         */
        void refused(J job, RefusalReason reason, long retryAfterNanos);

        /** A batch waits for this worker to take it. */
        void ready(WorkerId worker);

        /** Call {@link BatchScheduler#wake} after this time. */
        void wakeAfter(long nanos);
    }

    BatchScheduler(
            Policy policy, PolicyConfig config, DispatcherLimits limits, Outcomes<J> outcomes) {
        this(policy, config, limits, outcomes, QueueObserver.none());
    }

    /**
     * @param observer hears what is decided
     */
    BatchScheduler(
            Policy policy,
            PolicyConfig config,
            DispatcherLimits limits,
            Outcomes<J> outcomes,
            QueueObserver<J> observer) {
        this.observer = observer;
        this.policy = policy;
        this.config = config;
        this.outcomes = outcomes;
        this.dispatcher = new Dispatcher(policy.fleet(config), limits);
    }

    /** Jobs that no worker has yet. */
    int waiting() {
        return dispatcher.waiting();
    }

    /** The jobs that no worker has taken, in the order of their arrival. */
    List<J> untaken() {
        Set<Long> taken = new HashSet<>();
        seats.values().forEach(s -> taken.addAll(s.running));
        List<J> found = new ArrayList<>();
        jobs.forEach(
                (id, job) -> {
                    if (!taken.contains(id)) {
                        found.add(job);
                    }
                });
        return found;
    }

    /**
     * A job came.
     *
     * @param ageNanos how long ago its request was read
     */
    void add(long nowNanos, J job, SloClass sloClass, int priority, long ageNanos) {
        long id = ++lastId;
        jobs.put(id, job);
        observer.queued(nowNanos, job, sloClass, priority, ageNanos, dispatcher.waiting());
        RequestSpec request = new RequestSpec(id, sloClass, priority, List.of(1), 1, 1);
        tell(new FleetEvent.Arrived(nowNanos, request, ageNanos));
    }

    /** A worker came, idle. */
    void join(long nowNanos, WorkerId id, int maxBatch) {
        KvBudget kv = new KvBudget.Slots(maxBatch, 2);
        // All workers of a model are alike: a new one begins with what the others have learnt.
        WorkerSpec spec = new WorkerSpec(id, WorkerSpec.Kind.WHOLE, kv, maxBatch, false, learnt);
        seats.put(id, new Seat(maxBatch, new StepPlanner(spec, policy.step(config))));
        tell(new FleetEvent.WorkerJoined(nowNanos, spec));
    }

    /** A worker is gone. Jobs that it had not taken wait again; those it ran are over. */
    void lost(long nowNanos, WorkerId id) {
        Seat seat = seats.remove(id);
        if (seat == null) {
            return;
        }
        for (long planned : seat.planned) {
            J job = jobs.get(planned);
            if (job != null) {
                observer.returned(nowNanos, job, id);
            }
        }
        for (long running : seat.running) {
            tell(new FleetEvent.Cancelled(nowNanos, running));
        }
        tell(new FleetEvent.WorkerLost(nowNanos, id, List.of()));
    }

    /**
     * Takes the batch that waits for a worker; from now on it runs.
     *
     * @return empty if there is none
     */
    List<J> take(WorkerId id) {
        Seat seat = seat(id);
        List<J> batch = new ArrayList<>(seat.planned.size());
        for (long request : seat.planned) {
            J job = jobs.get(request);
            if (job != null) {
                batch.add(job);
            }
        }
        seat.running.addAll(seat.planned);
        seat.planned.clear();
        return batch;
    }

    /** How long a batch of so many jobs is expected to take on a worker. */
    long predictedNanos(WorkerId id, int size) {
        return seat(id).latency.stepNanos(new StepShape(size, size, 0.5 * size, 0, 0));
    }

    /** What is known of the time of a worker's batches. */
    LatencyModel latency(WorkerId id) {
        return seat(id).latency;
    }

    /**
     * The batch that a worker took is over.
     *
     * @param busyNanos how long it took; 0 where that says nothing of others, as after a failure
     */
    void done(long nowNanos, WorkerId id, long busyNanos) {
        Seat seat = seat(id);
        seat.running.clear();
        carryOut(
                nowNanos,
                id,
                seat.planner.on(new WorkerEvent.StepDone(nowNanos, List.of(), busyNanos)));
        drain();
        if (busyNanos > 0) {
            boolean first = learnt.equals(UNKNOWN);
            learnt = seat.latency;
            if (first) {
                tellIdle(nowNanos);
            }
        }
    }

    /** Workers that came before anything was measured, and have not run, begin anew. */
    private void tellIdle(long nowNanos) {
        for (Map.Entry<WorkerId, Seat> each : List.copyOf(seats.entrySet())) {
            Seat seat = each.getValue();
            if (seat.latency.equals(UNKNOWN) && seat.isIdle()) {
                lost(nowNanos, each.getKey());
                join(nowNanos, each.getKey(), seat.maxBatch);
            }
        }
    }

    /** Forgets the jobs that no worker has taken, and returns them in the order of arrival. */
    List<J> clear(long nowNanos) {
        List<J> cleared = untaken();
        while (!untaken().isEmpty()) {
            Set<Long> taken = new HashSet<>();
            seats.values().forEach(s -> taken.addAll(s.running));
            for (long id : List.copyOf(jobs.keySet())) {
                if (!taken.contains(id)) {
                    tell(new FleetEvent.Cancelled(nowNanos, id));
                }
            }
            for (Map.Entry<WorkerId, Seat> each : seats.entrySet()) {
                if (!each.getValue().planned.isEmpty()) {
                    each.getValue().planned.clear();
                    done(nowNanos, each.getKey(), 0);
                }
            }
        }
        return cleared;
    }

    /** The time that was asked for has come. */
    void wake(long nowNanos) {
        tell(new FleetEvent.Woken(nowNanos));
    }

    private Seat seat(WorkerId id) {
        Seat seat = seats.get(id);
        if (seat == null) {
            throw new IllegalStateException("no worker " + id);
        }
        return seat;
    }

    private void tell(FleetEvent event) {
        events.add(event);
        drain();
    }

    /** What a worker reports meanwhile waits its turn. */
    private void drain() {
        if (telling) {
            return;
        }
        telling = true;
        try {
            for (FleetEvent event = events.poll(); event != null; event = events.poll()) {
                carryOut(event.atNanos(), dispatcher.on(event));
            }
        } finally {
            telling = false;
        }
    }

    private void carryOut(long nowNanos, List<FleetCommand> commands) {
        Map<WorkerId, List<WorkerOrder>> orders = Map.of();
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Send send) {
                orders = orders.isEmpty() ? new LinkedHashMap<>() : orders;
                orders.computeIfAbsent(send.worker(), w -> new ArrayList<>()).add(send.order());
                observe(nowNanos, send);
            } else if (command instanceof FleetCommand.Refuse refuse) {
                J job = jobs.remove(refuse.requestId());
                if (job != null) {
                    outcomes.refused(job, refuse.reason(), refuse.retryAfterNanos());
                }
            } else if (command instanceof FleetCommand.Forget forget) {
                jobs.remove(forget.requestId());
            } else if (command instanceof FleetCommand.Wake wake) {
                outcomes.wakeAfter(wake.afterNanos());
            }
        }
        orders.forEach((id, list) -> order(nowNanos, id, list));
    }

    private void order(long nowNanos, WorkerId id, List<WorkerOrder> orders) {
        Seat seat = seats.get(id);
        if (seat != null) {
            carryOut(nowNanos, id, seat.planner.on(new WorkerEvent.Ordered(nowNanos, orders)));
        }
    }

    private void observe(long nowNanos, FleetCommand.Send send) {
        if (send.order() instanceof WorkerOrder.Bind bind) {
            J job = jobs.get(bind.requestId());
            if (job != null) {
                observer.bound(nowNanos, job, send.worker(), bind.demoted());
            }
        }
    }

    private void carryOut(long nowNanos, WorkerId id, List<WorkerCommand> commands) {
        Seat seat = seat(id);
        for (WorkerCommand command : commands) {
            if (command instanceof WorkerCommand.Run run) {
                for (StepPlan.Chunk chunk : run.plan().chunks()) {
                    seat.planned.add(chunk.sequence().requestId());
                }
                outcomes.ready(id);
            } else if (command instanceof WorkerCommand.Report report) {
                seat.latency = report.report().latency();
                events.add(new FleetEvent.Reported(nowNanos, report.report()));
            }
        }
    }

    /** One worker. */
    private static final class Seat {
        private final int maxBatch;
        private final StepPlanner planner;
        private final List<Long> planned = new ArrayList<>();
        private final List<Long> running = new ArrayList<>();
        private LatencyModel latency = UNKNOWN;

        Seat(int maxBatch, StepPlanner planner) {
            this.maxBatch = maxBatch;
            this.planner = planner;
        }

        boolean isIdle() {
            return planned.isEmpty() && running.isEmpty();
        }
    }
}
