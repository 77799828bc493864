package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.explain.Decision.What;
import io.hfx.scheduler.explain.Explainer;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Paused;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Admission, the central queue and the binding of requests to the workers of one model's fleet. A
 * function of events: it holds no clock and does nothing but answer with commands. Tokens do not
 * pass through here.
 *
 * <p>This class keeps which request is where; {@link Router} asks the policy about those that wait,
 * {@link Mover} moves those that run, {@link Leaving} empties workers that leave.
 *
 * <p>Every unfinished request waits for something that will come: a bound one for its worker's
 * report, a waiting one for its review or for the next report of a worker.
 *
 * <p>Not thread-safe: one driver owns an instance.
 */
public final class Dispatcher {
    private final FleetPolicy policy;
    private final Map<Long, Tracked> requests = new LinkedHashMap<>();
    private final DispatcherView view;
    private final Fleet fleet;
    private final Outbox outbox = new Outbox();
    private final Explainer explainer;
    private final Router router;
    private final Mover mover;
    private final Leaving leaving;
    private final FleetEvent.Listener listener = new Handler();
    private long wakeAtNanos = Long.MAX_VALUE;

    /** A dispatcher whose decisions nobody hears. */
    public Dispatcher(FleetPolicy policy, DispatcherLimits limits) {
        this(policy, limits, null);
    }

    /**
     * @param listener hears of decisions before {@link #on} answers; null for none
     */
    public Dispatcher(
            FleetPolicy policy, DispatcherLimits limits, Decision.@Nullable Listener listener) {
        this.policy = policy;
        this.view = new DispatcherView(policy::turn);
        this.fleet = view.fleet();
        this.explainer = new Explainer(listener, view::nowNanos);
        this.router = new Router(policy, limits, requests, view, outbox, explainer);
        this.mover = new Mover(fleet, outbox, explainer);
        this.leaving = new Leaving(fleet, outbox, explainer);
    }

    /**
     * Takes one event in.
     *
     * @return what the driver is to do, in this order
     * @throws IllegalArgumentException if time goes back
     * @throws IllegalStateException if the event does not fit the state
     */
    public List<FleetCommand> on(FleetEvent event) {
        if (event.atNanos() < view.nowNanos()) {
            throw new IllegalArgumentException(
                    "time went back from " + view.nowNanos() + " to " + event.atNanos());
        }
        view.setNowNanos(event.atNanos());
        event.tell(listener);
        router.reviewDue();
        if (fleet.isAnyLeaving()) {
            leaving.callBack(event.atNanos());
            leaving.takeEmpty().forEach(outbox::retire);
        }
        router.pump();
        explainArrival(event);
        wake();
        return outbox.take();
    }

    private void explainArrival(FleetEvent event) {
        if (explainer.isHeard() && event instanceof FleetEvent.Arrived arrived) {
            Tracked request = requests.get(arrived.request().id());
            if (request != null && request.worker == null) {
                router.isBehind(request);
            }
        }
    }

    /** Requests in the central queue. */
    public int waiting() {
        return view.waiting();
    }

    /** Requests bound to workers and unfinished. */
    public int bound() {
        return requests.size() - view.waiting();
    }

    /** Ids of the requests that are bound, in the order of their arrival. */
    public List<Long> boundIds() {
        return requests.values().stream().filter(r -> r.worker != null).map(Tracked::id).toList();
    }

    private final class Handler implements FleetEvent.Listener {
        @Override
        public void arrived(FleetEvent.Arrived event) {
            long arrivalNanos = event.atNanos() - event.ageNanos();
            Tracked request = new Tracked(event.request(), arrivalNanos);
            if (requests.putIfAbsent(request.id(), request) != null) {
                throw new IllegalStateException("request " + request.id() + " came twice");
            }
            router.arrived(request);
        }

        @Override
        public void cancelled(FleetEvent.Cancelled event) {
            Tracked request = requests.get(event.requestId());
            if (request == null || request.cancelled) {
                return;
            }
            if (request.worker == null) {
                router.leaves(request);
                forget(request);
            } else {
                request.cancelled = true;
                mover.cancel(request);
            }
        }

        @Override
        public void reported(FleetEvent.Reported event) {
            StepReport report = event.report();
            Worker worker = fleet.get(report.worker());
            if (worker == null) {
                return;
            }
            for (Long id : report.started()) {
                started(worker, requests.get(id));
            }
            for (Long id : report.goingOn()) {
                goingOn(worker, require(id));
            }
            for (Paused paused : report.paused()) {
                mover.paused(require(paused.requestId()), paused, event.atNanos());
            }
            for (Progress progress : report.handedBack()) {
                handedBack(worker, progress);
            }
            for (Long id : report.ended()) {
                ended(worker, require(id));
            }
            worker.take(report, event.atNanos());
            policy.reported(worker);
            for (Long id : policy.recalls(view)) {
                recall(require(id));
            }
            for (FleetPolicy.Migration wanted : policy.migrations(view)) {
                mover.begin(requests.get(wanted.requestId()), wanted);
            }
        }

        @Override
        public void workerJoined(FleetEvent.WorkerJoined event) {
            fleet.join(event.worker());
        }

        @Override
        public void workerLost(FleetEvent.WorkerLost event) {
            Worker worker = fleet.lose(event.worker());
            if (worker == null) {
                return;
            }
            Map<Long, Progress> known = new LinkedHashMap<>();
            event.progress().forEach(p -> known.put(p.requestId(), p));
            for (Tracked request : List.copyOf(worker.bound())) {
                Worker owner = request.worker;
                worker.unbind(request);
                boolean survives = mover.survives(worker, request);
                tellIfMoved(request, owner);
                if (!survives) {
                    waitAgain(request, known.get(request.id()), Reason.WORKER_LOST, worker);
                }
            }
        }

        @Override
        public void workerDraining(FleetEvent.WorkerDraining event) {
            Worker worker = fleet.get(event.worker());
            if (worker != null && !worker.isLeaving()) {
                fleet.drain(worker, event.atNanos() + event.graceNanos());
            }
        }

        @Override
        public void staffed(FleetEvent.Staffed event) {
            router.setStaffed(event.staffed());
        }

        @Override
        public void woken(FleetEvent.Woken event) {
            // An earlier call, asked for before this one, leaves it to come.
            if (event.atNanos() >= wakeAtNanos) {
                wakeAtNanos = Long.MAX_VALUE;
            }
        }
    }

    private void started(Worker worker, @Nullable Tracked request) {
        if (request != null) {
            request.started = true;
            request.startedNanos = view.nowNanos();
            worker.started(request);
            if (request.worker == worker) {
                policy.started(request.waiting, worker);
            }
        }
    }

    private void handedBack(Worker worker, Progress progress) {
        Tracked request = require(progress.requestId());
        worker.unbind(request);
        if (!mover.handedBack(worker, request)) {
            policy.left(request.waiting, worker);
            waitAgain(request, progress, Reason.HANDED_BACK, worker);
        }
    }

    private void goingOn(Worker worker, Tracked request) {
        Worker owner = request.worker;
        mover.goingOn(worker, request);
        tellIfMoved(request, owner);
    }

    private void ended(Worker worker, Tracked request) {
        Worker owner = request.worker;
        worker.unbind(request);
        boolean over = mover.ended(worker, request);
        tellIfMoved(request, owner);
        if (over) {
            forget(request);
        }
    }

    /** The policy hears of a move as of a leaving and a binding. */
    private void tellIfMoved(Tracked request, @Nullable Worker before) {
        Worker after = request.worker;
        if (after == before) {
            return;
        }
        if (before != null) {
            policy.left(request.waiting, before);
        }
        if (after != null) {
            policy.bound(request.waiting, after);
            if (request.started) {
                policy.started(request.waiting, after);
            }
        }
    }

    /** A request that comes back keeps its arrival; a cancelled one is done with. */
    private void waitAgain(
            Tracked request, @Nullable Progress progress, Reason reason, Worker worker) {
        if (request.cancelled) {
            forget(request);
        } else {
            request.comeBack(progress);
            tell(request, What.RETURNED, reason, worker);
            router.cameBack(request);
        }
    }

    private void recall(Tracked request) {
        Worker worker = request.worker;
        if (worker != null && !request.started && !request.cancelled) {
            outbox.send(worker, new WorkerOrder.Recall(worker.nextOrder(), request.id()));
            tell(request, What.RECALLED, Reason.BALANCE, worker);
        }
    }

    private void tell(Tracked request, What what, Reason reason, Worker worker) {
        explainer.tell(request.id(), what, reason, worker.spec().id(), request.waiting.demoted());
    }

    private void forget(Tracked request) {
        requests.remove(request.id());
        outbox.forget(request.id());
    }

    private Tracked require(Long requestId) {
        Tracked request = requests.get(requestId);
        if (request == null) {
            throw new IllegalStateException("no request " + requestId);
        }
        return request;
    }

    private void wake() {
        long nextNanos = router.nextReviewNanos();
        if (fleet.isAnyLeaving()) {
            nextNanos = Math.min(nextNanos, leaving.nextNanos(view.nowNanos()));
        }
        if (nextNanos < wakeAtNanos) {
            wakeAtNanos = nextNanos;
            outbox.wake(Math.max(0, wakeAtNanos - view.nowNanos()));
        }
    }
}
