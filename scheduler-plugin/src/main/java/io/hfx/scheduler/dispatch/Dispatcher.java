package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Paused;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetPolicy.Route;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Admission, the central queue and the binding of requests to the workers of one model's fleet. A
 * function of events: it holds no clock and does nothing but answer with commands. Tokens do not
 * pass through here.
 *
 * <p>Every unfinished request waits for something that will come: a bound one for its worker's
 * report, a waiting one for its review or for the next report of a worker.
 *
 * <p>Not thread-safe: one driver owns an instance.
 */
public final class Dispatcher {
    private final FleetPolicy policy;
    private final DispatcherLimits limits;
    private final Map<Long, Tracked> requests = new LinkedHashMap<>();
    private final Map<WorkerId, Worker> workers = new LinkedHashMap<>();
    private final WaitingQueue queue = new WaitingQueue();
    private final Mover mover = new Mover(workers, this::send);
    private final Leaving leaving = new Leaving(workers, this::send);
    private final FleetEvent.Listener listener = new Handler();

    /** The workers that stay, as policies see them. */
    private List<WorkerView> workerViews = List.of();

    private boolean staffed = true;
    private List<FleetCommand> commands = new ArrayList<>();
    private long nowNanos;
    private long wakeAtNanos = Long.MAX_VALUE;

    public Dispatcher(FleetPolicy policy, DispatcherLimits limits) {
        this.policy = policy;
        this.limits = limits;
    }

    /**
     * Takes one event in.
     *
     * @return what the driver is to do, in this order
     * @throws IllegalArgumentException if time goes back
     * @throws IllegalStateException if the event does not fit the state
     */
    public List<FleetCommand> on(FleetEvent event) {
        if (event.atNanos() < nowNanos) {
            throw new IllegalArgumentException(
                    "time went back from " + nowNanos + " to " + event.atNanos());
        }
        nowNanos = event.atNanos();
        commands = new ArrayList<>();
        event.tell(listener);
        reviewDue();
        if (workerViews.size() < workers.size()) {
            leaving.callBack(nowNanos, this::fitsOneThatStays);
            leaving.takeEmpty().forEach(id -> commands.add(new FleetCommand.Retire(id)));
        }
        pump();
        wake();
        return commands;
    }

    /** Requests in the central queue. */
    public int waiting() {
        return queue.size();
    }

    /** Requests bound to workers and unfinished. */
    public int bound() {
        return requests.size() - queue.size();
    }

    /** Ids of the requests that are bound, in the order of their arrival. */
    public List<Long> boundIds() {
        return requests.values().stream().filter(r -> r.worker != null).map(Tracked::id).toList();
    }

    private final class Handler implements FleetEvent.Listener {
        @Override
        public void arrived(FleetEvent.Arrived event) {
            RequestSpec request = event.request();
            Tracked tracked = new Tracked(request, nowNanos - event.ageNanos());
            if (requests.putIfAbsent(request.id(), tracked) != null) {
                throw new IllegalStateException("request " + request.id() + " came twice");
            }
            if (!workerViews.isEmpty() && !fitsOneThatStays(request)) {
                refuse(tracked, RefusalReason.TOO_LONG);
                return;
            }
            tracked.rank = policy.rank(tracked.waiting, view());
            int most = tracked.rank.lane() == 0 ? limits.waiting() : limits.leftover();
            if (queue.size(tracked.rank.lane()) >= most) {
                refuse(tracked, RefusalReason.QUEUE_FULL);
            } else {
                enqueue(tracked);
            }
        }

        @Override
        public void cancelled(FleetEvent.Cancelled event) {
            Tracked request = requests.get(event.requestId());
            if (request == null || request.cancelled) {
                return;
            }
            if (request.worker == null) {
                queue.remove(request);
                forget(request);
            } else {
                request.cancelled = true;
                mover.cancel(request);
            }
        }

        @Override
        public void reported(FleetEvent.Reported event) {
            StepReport report = event.report();
            Worker worker = workers.get(report.worker());
            if (worker == null) {
                return;
            }
            for (long id : report.started()) {
                started(worker, id);
            }
            for (long id : report.goingOn()) {
                goingOn(worker, require(id));
            }
            for (Paused paused : report.paused()) {
                mover.paused(require(paused.requestId()), paused, nowNanos);
            }
            for (Progress progress : report.handedBack()) {
                handedBack(worker, progress);
            }
            for (long id : report.ended()) {
                ended(worker, id);
            }
            worker.take(report, nowNanos);
            for (long id : policy.recalls(view())) {
                recall(require(id));
            }
            for (FleetPolicy.Migration wanted : policy.migrations(view())) {
                mover.begin(requests.get(wanted.requestId()), wanted);
            }
        }

        @Override
        public void workerJoined(FleetEvent.WorkerJoined event) {
            Worker worker = new Worker(event.worker(), () -> nowNanos);
            if (workers.putIfAbsent(event.worker().id(), worker) != null) {
                throw new IllegalStateException(event.worker().id() + " joined twice");
            }
            workersChanged();
        }

        @Override
        public void workerLost(FleetEvent.WorkerLost event) {
            Worker worker = workers.remove(event.worker());
            if (worker == null) {
                return;
            }
            workersChanged();
            Map<Long, Progress> known = new LinkedHashMap<>();
            event.progress().forEach(p -> known.put(p.requestId(), p));
            for (Tracked request : List.copyOf(worker.bound())) {
                Worker owner = request.worker;
                worker.unbind(request);
                boolean survives = mover.survives(worker, request);
                tellIfMoved(request, owner);
                if (!survives) {
                    waitAgain(request, known.get(request.id()));
                }
            }
        }

        @Override
        public void workerDraining(FleetEvent.WorkerDraining event) {
            Worker worker = workers.get(event.worker());
            if (worker != null && !worker.isLeaving()) {
                worker.leavesAtNanos = nowNanos + event.graceNanos();
                workersChanged();
            }
        }

        @Override
        public void staffed(FleetEvent.Staffed event) {
            staffed = event.staffed();
            if (!staffed) {
                for (Tracked request : List.copyOf(requests.values())) {
                    if (request.worker == null) {
                        queue.remove(request);
                        refuse(request, RefusalReason.NO_WORKER);
                    }
                }
            }
        }

        @Override
        public void woken(FleetEvent.Woken event) {
            // An earlier call, asked for before this one, leaves it to come.
            if (nowNanos >= wakeAtNanos) {
                wakeAtNanos = Long.MAX_VALUE;
            }
        }
    }

    private void workersChanged() {
        workerViews =
                workers.values().stream()
                        .filter(w -> !w.isLeaving())
                        .<WorkerView>map(w -> w)
                        .toList();
    }

    private void started(Worker worker, long requestId) {
        Tracked request = requests.get(requestId);
        if (request != null) {
            request.started = true;
            request.startedNanos = nowNanos;
            worker.started(request);
        }
    }

    private void handedBack(Worker worker, Progress progress) {
        Tracked request = require(progress.requestId());
        worker.unbind(request);
        if (!mover.handedBack(worker, request)) {
            policy.left(request.waiting, worker);
            waitAgain(request, progress);
        }
    }

    private void goingOn(Worker worker, Tracked request) {
        Worker owner = request.worker;
        mover.goingOn(worker, request);
        tellIfMoved(request, owner);
    }

    private void ended(Worker worker, long requestId) {
        Tracked request = require(requestId);
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
        }
    }

    /** A request that comes back keeps its arrival; a cancelled one is done with. */
    private void waitAgain(Tracked request, @Nullable Progress progress) {
        if (request.cancelled) {
            forget(request);
            return;
        }
        request.comeBack(progress);
        request.rank = policy.rank(request.waiting, view());
        enqueue(request);
    }

    private void enqueue(Tracked request) {
        if (!staffed) {
            refuse(request, RefusalReason.NO_WORKER);
            return;
        }
        request.reviewAtNanos = nextReviewNanos(request);
        queue.add(request);
    }

    /** One that has begun is never refused: its client already has tokens. */
    private long nextReviewNanos(Tracked request) {
        if (request.waiting.begun()) {
            return Long.MAX_VALUE;
        }
        return Math.min(
                request.waiting.e2eDeadlineNanos(), policy.reviewAtNanos(request.waiting, view()));
    }

    private void recall(Tracked request) {
        Worker worker = request.worker;
        if (worker != null && !request.started && !request.cancelled) {
            send(worker, new WorkerOrder.Recall(worker.nextOrder(), request.id()));
        }
    }

    /** Looks again at those whose time has come, even where no worker is open. */
    private void reviewDue() {
        Tracked due = queue.nextReview();
        while (due != null && due.reviewAtNanos <= nowNanos) {
            if (due.waiting.e2eDeadlineNanos() <= nowNanos) {
                queue.remove(due);
                refuse(due, RefusalReason.DEADLINE_PASSED);
            } else {
                review(due);
            }
            due = queue.nextReview();
        }
    }

    private void review(Tracked request) {
        Route route = policy.route(request.waiting, view());
        if (route instanceof Route.Hold
                || route instanceof Route.CloseLane
                || route instanceof Route.Close) {
            long next = nextReviewNanos(request);
            queue.reviewAt(request, next > nowNanos ? next : request.waiting.e2eDeadlineNanos());
        } else {
            follow(request, route);
        }
    }

    private void pump() {
        if (workerViews.isEmpty() || queue.size() == 0) {
            return;
        }
        int favoured = policy.favouredLane(view());
        Tracked head = favoured < 0 ? null : queue.next(favoured, null);
        if (head != null) {
            follow(head, policy.route(head.waiting, view()));
        }
        for (int lane : queue.laneNumbers()) {
            if (!pump(lane)) {
                return;
            }
        }
    }

    /** Returns whether the lanes behind this one are to be asked about too. */
    private boolean pump(int lane) {
        Tracked request = queue.next(lane, null);
        while (request != null) {
            Route route = policy.route(request.waiting, view());
            if (route instanceof Route.Close) {
                return false;
            }
            if (route instanceof Route.CloseLane) {
                return true;
            }
            Tracked next = queue.next(lane, request);
            follow(request, route);
            request = next;
        }
        return true;
    }

    private void follow(Tracked request, Route route) {
        if (route instanceof Route.Bind bind) {
            queue.remove(request);
            bind(request, bind.worker());
        } else if (route instanceof Route.Demote) {
            if (request.waiting.demoted()) {
                throw new IllegalStateException(
                        "policy demotes request " + request.id() + " again");
            }
            queue.remove(request);
            request.demote();
            request.rank = policy.rank(request.waiting, view());
            boolean full = queue.size(request.rank.lane()) >= limits.leftover();
            if (full && !request.waiting.begun()) {
                refuse(request, RefusalReason.QUEUE_FULL);
            } else {
                enqueue(request);
            }
        } else if (route instanceof Route.Refuse refuse) {
            if (request.waiting.begun()) {
                throw new IllegalStateException("policy refuses begun request " + request.id());
            }
            queue.remove(request);
            refuse(request, refuse.reason());
        }
    }

    private void bind(Tracked request, WorkerId id) {
        Worker worker = workers.get(id);
        if (worker == null || worker.isLeaving()) {
            throw new IllegalStateException("policy binds to " + id + ", which is not here");
        }
        long number = worker.nextOrder();
        policy.bound(request.waiting, worker);
        request.worker = worker;
        worker.bind(request, number);
        send(
                worker,
                new WorkerOrder.Bind(
                        number,
                        request.request(),
                        nowNanos - request.waiting.arrivalNanos(),
                        request.waiting.demoted(),
                        request.generated()));
    }

    private void send(Worker worker, WorkerOrder order) {
        commands.add(new FleetCommand.Send(worker.spec().id(), order));
    }

    private void refuse(Tracked request, RefusalReason reason) {
        requests.remove(request.id());
        long retry = reason == RefusalReason.TOO_LONG ? 0 : drainNanos();
        commands.add(new FleetCommand.Refuse(request.id(), reason, retry));
    }

    private void forget(Tracked request) {
        requests.remove(request.id());
        commands.add(new FleetCommand.Forget(request.id()));
    }

    /** Predicted time until what waits now has been prefilled, over all workers. */
    private long drainNanos() {
        double tokensPerNano = 0;
        for (Worker worker : workers.values()) {
            tokensPerNano += worker.isLeaving() ? 0 : worker.promptTokensPerNano();
        }
        return tokensPerNano > 0 ? Math.round(queue.promptTokens() / tokensPerNano) : 0;
    }

    private boolean fitsOneThatStays(RequestSpec request) {
        int tokens = request.longestSequenceTokens();
        for (WorkerView worker : workerViews) {
            if (tokens <= worker.spec().kv().maxSequenceTokens()) {
                return true;
            }
        }
        return false;
    }

    private Tracked require(long requestId) {
        Tracked request = requests.get(requestId);
        if (request == null) {
            throw new IllegalStateException("no request " + requestId);
        }
        return request;
    }

    private void wake() {
        Tracked due = queue.nextReview();
        long nextNanos = leaving.nextNanos(nowNanos);
        if (due != null) {
            nextNanos = Math.min(nextNanos, due.reviewAtNanos);
        }
        if (nextNanos < wakeAtNanos) {
            wakeAtNanos = nextNanos;
            commands.add(new FleetCommand.Wake(Math.max(0, wakeAtNanos - nowNanos)));
        }
    }

    private FleetView view() {
        return new DispatcherView(nowNanos, workerViews, queue);
    }
}
