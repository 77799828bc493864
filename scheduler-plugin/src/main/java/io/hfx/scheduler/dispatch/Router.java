package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.explain.Decision.What;
import io.hfx.scheduler.explain.Explainer;
import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetPolicy.Route;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Asks the policy about those who wait, and does what it says: in which order they wait, which
 * worker takes them, who loses its place and who is refused.
 */
final class Router {
    private final FleetPolicy policy;
    private final DispatcherLimits limits;
    private final Map<Long, Tracked> requests;
    private final DispatcherView view;
    private final Fleet fleet;
    private final WaitingQueue queue;
    private final Outbox outbox;
    private final Explainer explainer;
    private boolean staffed = true;

    /**
     * @param requests all unfinished ones by their ids; those refused are taken out
     */
    Router(
            FleetPolicy policy,
            DispatcherLimits limits,
            Map<Long, Tracked> requests,
            DispatcherView view,
            Outbox outbox,
            Explainer explainer) {
        this.policy = policy;
        this.limits = limits;
        this.requests = requests;
        this.view = view;
        this.fleet = view.fleet();
        this.queue = view.queue();
        this.outbox = outbox;
        this.explainer = explainer;
    }

    /** A new request is to wait, if there is a place for it. */
    void arrived(Tracked request) {
        if (!fleet.staying().isEmpty() && !fleet.fits(request.request())) {
            refuse(request, RefusalReason.TOO_LONG);
            return;
        }
        rank(request);
        int lane = request.rank.lane();
        boolean full = lane == 0 ? queue.size(lane) >= limits.waiting() : isFull(queue.size(lane));
        enqueueUnless(full, request);
    }

    /**
     * One that had a worker is to wait again. There is always a place for it, unless it was demoted
     * and its client has nothing yet.
     */
    void cameBack(Tracked request) {
        rank(request);
        enqueueUnless(request.waiting.demoted() && isFullFor(request), request);
    }

    private boolean isFullFor(Tracked demoted) {
        return !demoted.waiting.begun() && isFull(queue.size(demoted.rank.lane()));
    }

    /** Whether nobody more can be leftover work that waits, centrally or displaced on a worker. */
    private boolean isFull(int waiting) {
        return waiting + fleet.displaced() >= limits.leftover();
    }

    private void enqueueUnless(boolean full, Tracked request) {
        if (full) {
            policy.gone(request.waiting);
            refuse(request, RefusalReason.QUEUE_FULL);
        } else {
            enqueue(request);
        }
    }

    /** A waiting request waits no longer, and is not bound. */
    void leaves(Tracked request) {
        queue.remove(request);
        policy.gone(request.waiting);
    }

    private void rank(Tracked request) {
        request.rank = policy.rank(request.waiting, view);
        request.line = policy.line(request.waiting);
    }

    /** Whether a worker is there or to come; while none is, nobody waits. */
    void setStaffed(boolean nowStaffed) {
        staffed = nowStaffed;
        if (!staffed) {
            for (Tracked request : List.copyOf(requests.values())) {
                if (request.worker == null) {
                    leaves(request);
                    refuse(request, RefusalReason.NO_WORKER);
                }
            }
        }
    }

    /** When somebody is to be looked at again; {@link Long#MAX_VALUE} for never. */
    long nextReviewNanos() {
        Tracked due = queue.nextReview();
        return due == null ? Long.MAX_VALUE : due.reviewAtNanos;
    }

    /** Looks again at those whose time has come, even where no worker is open. */
    void reviewDue() {
        long nowNanos = view.nowNanos();
        Tracked due = queue.nextReview();
        while (due != null && due.reviewAtNanos <= nowNanos) {
            if (due.waiting.e2eDeadlineNanos() <= nowNanos) {
                leaves(due);
                refuse(due, RefusalReason.DEADLINE_PASSED);
            } else {
                review(due);
            }
            due = queue.nextReview();
        }
    }

    private void review(Tracked request) {
        Route route = ask(request);
        if (route.waits() != null) {
            long next = reviewNanos(request);
            queue.reviewAt(
                    request, next > view.nowNanos() ? next : request.waiting.e2eDeadlineNanos());
        } else {
            follow(request, route);
        }
    }

    private Route ask(Tracked request) {
        Route route = policy.route(request.waiting, view);
        if (route.waits() != null) {
            waits(request, route.waits());
        }
        return route;
    }

    /** Told once for each reason, not each time that the policy is asked. */
    private void waits(Tracked request, Reason reason) {
        if (explainer.isHeard() && request.waits != reason) {
            request.waits = reason;
            tell(request, What.WAITS, reason, null, Forecast.NONE);
        }
    }

    /** One that nobody was asked about since it came: those before it wait on. */
    void isBehind(Tracked request) {
        if (request.waits == null) {
            waits(request, Reason.BEHIND);
        }
    }

    private void tell(
            Tracked request,
            What what,
            Reason reason,
            @Nullable WorkerId worker,
            Forecast forecast) {
        explainer.tell(request.id(), what, reason, worker, request.waiting.demoted(), forecast);
    }

    /** Asks about those who wait, in their order, until the policy closes. */
    void pump() {
        if (fleet.staying().isEmpty() || queue.size() == 0) {
            return;
        }
        int favoured = policy.favouredLane(view);
        Tracked head = favoured < 0 ? null : queue.walk(favoured).next();
        if (head != null) {
            follow(head, ask(head));
        }
        // one that is demoted may open a lane behind
        int lane = queue.laneAfter(-1);
        while (lane >= 0 && pump(lane)) {
            lane = queue.laneAfter(lane);
        }
    }

    /** Returns whether the lanes behind this one are to be asked about too. */
    private boolean pump(int lane) {
        WaitingQueue.Walk walk = queue.walk(lane);
        for (Tracked request = walk.next(); request != null; request = walk.next()) {
            Route route = ask(request);
            if (route instanceof Route.Close) {
                return false;
            }
            if (route instanceof Route.CloseLane) {
                return true;
            }
            if (route instanceof Route.CloseLine) {
                walk.closeLine(request);
            }
            follow(request, route);
        }
        return true;
    }

    private void follow(Tracked request, Route route) {
        if (route instanceof Route.Bind bind) {
            queue.remove(request);
            bind.displaced().forEach(id -> displace(id, bind.worker()));
            bind(request, bind);
        } else if (route instanceof Route.Demote demote) {
            demote(request, demote);
        } else if (route instanceof Route.Refuse refuse) {
            if (request.waiting.begun()) {
                throw new IllegalStateException("policy refuses begun request " + request.id());
            }
            leaves(request);
            refuse(request, refuse.reason());
        }
    }

    /** One that is bound loses its place; it stays where it is if there is room for such work. */
    private void displace(long id, WorkerId from) {
        Tracked request = requests.get(id);
        Worker worker = fleet.get(from);
        if (request == null
                || worker == null
                || request.worker != worker
                || request.waiting.demoted()) {
            throw new IllegalStateException("policy displaces request " + id + " from " + from);
        }
        policy.left(request.waiting, worker);
        request.demote();
        policy.bound(request.waiting, worker);
        worker.demoted(request);
        tell(request, What.DEMOTED, Reason.DISPLACED, from, Forecast.NONE);
        outbox.send(worker, new WorkerOrder.Demote(worker.nextOrder(), id));
        if (!request.started && !request.cancelled) {
            waitThere(request, worker);
        }
    }

    /** One that was displaced and has not started counts as leftover work that waits. */
    private void waitThere(Tracked request, Worker worker) {
        if (isFull(queue.size() - queue.size(0))) {
            request.callBack = Tracked.CallBack.RECALL;
            tell(request, What.RECALLED, Reason.QUEUE_FULL, worker.spec().id(), Forecast.NONE);
            outbox.send(worker, new WorkerOrder.Recall(worker.nextOrder(), request.id()));
        } else {
            worker.displaced(request);
        }
    }

    private void bind(Tracked request, Route.Bind route) {
        WorkerId id = route.worker();
        Worker worker = fleet.get(id);
        if (worker == null || worker.isLeaving()) {
            throw new IllegalStateException("policy binds to " + id + ", which is not here");
        }
        long number = worker.nextOrder();
        tell(request, What.BOUND, route.reason(), id, route.forecast());
        policy.bound(request.waiting, worker);
        request.worker = worker;
        worker.bind(request, number);
        outbox.send(
                worker,
                new WorkerOrder.Bind(
                        number,
                        request.request(),
                        view.nowNanos() - request.waiting.arrivalNanos(),
                        request.waiting.demoted(),
                        request.generated()));
    }

    private void demote(Tracked request, Route.Demote route) {
        if (request.waiting.demoted()) {
            throw new IllegalStateException("policy demotes request " + request.id() + " again");
        }
        leaves(request);
        request.demote();
        tell(request, What.DEMOTED, route.reason(), null, route.forecast());
        rank(request);
        enqueueUnless(isFullFor(request), request);
    }

    private void enqueue(Tracked request) {
        if (!staffed) {
            policy.gone(request.waiting);
            refuse(request, RefusalReason.NO_WORKER);
            return;
        }
        request.reviewAtNanos = reviewNanos(request);
        queue.add(request);
    }

    /** One that has begun is never refused: its client already has tokens. */
    private long reviewNanos(Tracked request) {
        if (request.waiting.begun()) {
            return Long.MAX_VALUE;
        }
        return Math.min(
                request.waiting.e2eDeadlineNanos(), policy.reviewAtNanos(request.waiting, view));
    }

    private void refuse(Tracked request, RefusalReason reason) {
        requests.remove(request.id());
        tell(request, What.REFUSED, Reason.of(reason), null, Forecast.NONE);
        outbox.refuse(request.id(), reason, reason == RefusalReason.TOO_LONG ? 0 : drainNanos());
    }

    /** Predicted time until what waits and is bound now is prefilled, by all that stay. */
    private long drainNanos() {
        double tokensPerNano = fleet.promptTokensPerNano();
        long tokens = queue.promptTokens();
        for (WorkerView worker : fleet.staying()) {
            tokens += worker.pendingPrefillTokens();
        }
        return tokensPerNano > 0 ? Math.round(tokens / tokensPerNano) : 0;
    }
}
