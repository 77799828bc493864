package io.hfx.plugin.djl;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.step.BatchPlanner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Decides which jobs an opaque engine's workers run together, and when: drives a dispatcher and one
 * batch planner per worker, all in this process. It holds no clock: the caller says what time it
 * is, and time never goes back.
 *
 * <p>Not thread-safe: its queue owns it.
 *
 * @param <J> a job
 */
final class BatchScheduler<J> {
    /** What a worker's batches are expected to take before any was measured: almost nothing. */
    private static final LatencyModel UNKNOWN = new LatencyModel(250, 750, 0, 0, 0, 0, 0);

    /** Time between two batches of the same size that the latency model learns from. */
    private static final long LEARN_AGAIN_NANOS = 1_000_000;

    /** A whole request is one prompt of one token. */
    private static final List<Integer> WHOLE = List.of(1);

    private final Outcomes<J> outcomes;
    private final QueueObserver<J> observer;
    private final Dispatcher dispatcher;

    /** Those that no worker has taken, by id in the order of their arrival. */
    private final Map<Long, J> jobs = new LinkedHashMap<>();

    private final Map<WorkerId, Seat> seats = new LinkedHashMap<>();
    private final Deque<FleetEvent> events = new ArrayDeque<>();

    /** Those that have orders to carry out. */
    private final List<Seat> ordered = new ArrayList<>();

    /**
     * Those whose news nobody waits for: they report before the next event. Two events on one
     * thread, the one right after the other, cost little more than one.
     */
    private final List<Seat> owing = new ArrayList<>();

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
        this.outcomes = outcomes;
        this.dispatcher = new Dispatcher(policy.fleet(config), limits, this::decided);
    }

    /** Jobs that no worker has yet. */
    int waiting() {
        return dispatcher.waiting();
    }

    /** The jobs that no worker has taken, in the order of their arrival. */
    List<J> untaken() {
        return List.copyOf(jobs.values());
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
        RequestSpec request = new RequestSpec(id, sloClass, priority, WHOLE, 1, 1);
        tell(new FleetEvent.Arrived(nowNanos, request, ageNanos));
    }

    /** A worker came, idle. */
    void join(long nowNanos, WorkerId id, int maxBatch) {
        KvBudget kv = new KvBudget.Slots(maxBatch, 2);
        // All workers of a model are alike: a new one begins with what the others have learnt.
        WorkerSpec spec = new WorkerSpec(id, WorkerSpec.Kind.WHOLE, kv, maxBatch, false, learnt);
        seats.put(id, new Seat(spec));
        tell(new FleetEvent.WorkerJoined(nowNanos, spec));
    }

    /** A worker is gone. Jobs that it had not taken wait again; those it ran are over. */
    void lost(long nowNanos, WorkerId worker) {
        Seat seat = seats.remove(worker);
        if (seat == null) {
            return;
        }
        if (seat.taken) {
            for (long id : seat.planner.running()) {
                tell(new FleetEvent.Cancelled(nowNanos, id));
            }
        }
        tell(new FleetEvent.WorkerLost(nowNanos, worker, List.of()));
    }

    /**
     * Takes the batch that waits for a worker; from now on it runs.
     *
     * @return empty if there is none
     */
    List<J> take(WorkerId id) {
        Seat seat = seat(id);
        if (seat.taken) {
            return List.of();
        }
        List<Long> planned = seat.planner.running();
        List<J> batch = new ArrayList<>(planned.size());
        for (long request : planned) {
            J job = jobs.remove(request);
            if (job != null) {
                batch.add(job);
            }
        }
        seat.taken = !planned.isEmpty();
        return batch;
    }

    /** How long a batch of so many jobs is expected to take on a worker. */
    long predictedNanos(WorkerId id, int size) {
        return seat(id).planner.predictedNanos(size);
    }

    /** What is known of the time of a worker's batches. */
    LatencyModel latency(WorkerId id) {
        return seat(id).planner.latency();
    }

    /**
     * The batch that a worker took is over.
     *
     * @param busyNanos how long it took; 0 where that says nothing of others, as after a failure
     */
    void done(long nowNanos, WorkerId id, long busyNanos) {
        Seat seat = seat(id);
        seat.taken = false;
        seat.planner.done(busyNanos > 0 && seat.teaches(nowNanos) ? busyNanos : 0);
        if (!seat.planner.running().isEmpty()) {
            outcomes.ready(id);
        }
        told(nowNanos, seat);
        drain();
        if (busyNanos > 0) {
            boolean first = learnt.equals(UNKNOWN);
            learnt = seat.planner.latency();
            if (first) {
                tellIdle(nowNanos);
            }
        }
    }

    /** Workers that came before anything was measured, and have not run, begin anew. */
    private void tellIdle(long nowNanos) {
        for (Map.Entry<WorkerId, Seat> each : List.copyOf(seats.entrySet())) {
            Seat seat = each.getValue();
            if (seat.planner.latency().equals(UNKNOWN) && seat.planner.running().isEmpty()) {
                lost(nowNanos, each.getKey());
                join(nowNanos, each.getKey(), seat.spec.maxSequences());
            }
        }
    }

    /** Forgets the jobs that no worker has taken, and returns them in the order of arrival. */
    List<J> clear(long nowNanos) {
        List<J> cleared = untaken();
        while (!jobs.isEmpty()) {
            for (long id : List.copyOf(jobs.keySet())) {
                tell(new FleetEvent.Cancelled(nowNanos, id));
            }
            for (Map.Entry<WorkerId, Seat> each : seats.entrySet()) {
                Seat seat = each.getValue();
                if (!seat.taken && !seat.planner.running().isEmpty()) {
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
        for (Seat seat : owing) {
            report(event.atNanos(), seat);
        }
        owing.clear();
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
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Send send) {
                order(send);
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
        for (Seat seat : ordered) {
            boolean news = seat.planner.ordered(seat.orders);
            seat.orders.clear();
            if (news && !seat.planner.running().isEmpty()) {
                outcomes.ready(seat.spec.id());
            }
            if (news && !seat.isFull()) {
                told(nowNanos, seat);
            }
        }
        ordered.clear();
    }

    /** What a worker is told at once becomes one batch. */
    private void order(FleetCommand.Send send) {
        Seat seat = seats.get(send.worker());
        if (seat != null) {
            if (seat.orders.isEmpty()) {
                ordered.add(seat);
            }
            seat.orders.add(send.order());
        }
    }

    /** A refusal is told as an outcome. */
    private void decided(Decision decision) {
        J job = jobs.get(decision.requestId());
        if (job != null && decision.what() != Decision.What.REFUSED) {
            observer.decided(job, decision);
        }
    }

    /** A worker has news. */
    private void told(long nowNanos, Seat seat) {
        owing.remove(seat);
        if (dispatcher.waiting() == 0) {
            owing.add(seat);
        } else {
            report(nowNanos, seat);
        }
    }

    private void report(long nowNanos, Seat seat) {
        events.add(new FleetEvent.Reported(nowNanos, seat.planner.report()));
    }

    /** One worker. */
    private static final class Seat {
        private final WorkerSpec spec;
        private final BatchPlanner planner;
        private final List<WorkerOrder> orders = new ArrayList<>();

        /** Whether the worker has the batch that runs by plan. */
        private boolean taken;

        /** The batch that was learnt from last. */
        private int learntSize;

        private long learntAtNanos;

        Seat(WorkerSpec spec) {
            this.spec = spec;
            this.planner = new BatchPlanner(spec);
        }

        /**
         * Whether the time of the batch that ends now is to be learnt from: not where it is as
         * large as the last that was, and that has only just ended. Fitting takes the most of what
         * a short batch costs here.
         */
        boolean teaches(long nowNanos) {
            int size = planner.running().size();
            if (size == learntSize && nowNanos - learntAtNanos < LEARN_AGAIN_NANOS) {
                return false;
            }
            learntSize = size;
            learntAtNanos = nowNanos;
            return true;
        }

        /** Nobody can join its batch, so nobody needs to hear of its start before its end. */
        private boolean isFull() {
            return planner.running().size() == spec.maxSequences();
        }
    }
}
