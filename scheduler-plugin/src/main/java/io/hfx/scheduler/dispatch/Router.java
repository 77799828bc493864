package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetPolicy.Route;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;
import java.util.Map;

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
    private boolean staffed = true;

    /**
     * @param requests all unfinished ones by their ids; those refused are taken out
     */
    Router(
            FleetPolicy policy,
            DispatcherLimits limits,
            Map<Long, Tracked> requests,
            DispatcherView view,
            Outbox outbox) {
        this.policy = policy;
        this.limits = limits;
        this.requests = requests;
        this.view = view;
        this.fleet = view.fleet();
        this.queue = view.queue();
        this.outbox = outbox;
    }

    /** A new request is to wait, if there is a place for it. */
    void arrived(Tracked request) {
        if (!fleet.staying().isEmpty() && !fleet.fits(request.request())) {
            refuse(request, RefusalReason.TOO_LONG);
            return;
        }
        rank(request);
        int most = request.rank.lane() == 0 ? limits.waiting() : limits.leftover();
        if (queue.size(request.rank.lane()) >= most) {
            policy.gone(request.waiting);
            refuse(request, RefusalReason.QUEUE_FULL);
        } else {
            enqueue(request);
        }
    }

    /** One that had a worker is to wait again; there is always a place for it. */
    void cameBack(Tracked request) {
        rank(request);
        enqueue(request);
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
        Route route = policy.route(request.waiting, view);
        if (route instanceof Route.Hold
                || route instanceof Route.CloseLane
                || route instanceof Route.Close) {
            long next = reviewNanos(request);
            queue.reviewAt(
                    request, next > view.nowNanos() ? next : request.waiting.e2eDeadlineNanos());
        } else {
            follow(request, route);
        }
    }

    /** Asks about those who wait, in their order, until the policy closes. */
    void pump() {
        if (fleet.staying().isEmpty() || queue.size() == 0) {
            return;
        }
        int favoured = policy.favouredLane(view);
        Tracked head = favoured < 0 ? null : queue.walk(favoured).next();
        if (head != null) {
            follow(head, policy.route(head.waiting, view));
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
            Route route = policy.route(request.waiting, view);
            if (route instanceof Route.Close) {
                return false;
            }
            if (route instanceof Route.CloseLane) {
                return true;
            }
            follow(request, route);
        }
        return true;
    }

    private void follow(Tracked request, Route route) {
        if (route instanceof Route.Bind bind) {
            queue.remove(request);
            bind(request, bind.worker());
        } else if (route instanceof Route.Demote) {
            demote(request);
        } else if (route instanceof Route.Refuse refuse) {
            if (request.waiting.begun()) {
                throw new IllegalStateException("policy refuses begun request " + request.id());
            }
            leaves(request);
            refuse(request, refuse.reason());
        }
    }

    private void bind(Tracked request, WorkerId id) {
        Worker worker = fleet.get(id);
        if (worker == null || worker.isLeaving()) {
            throw new IllegalStateException("policy binds to " + id + ", which is not here");
        }
        long number = worker.nextOrder();
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

    private void demote(Tracked request) {
        if (request.waiting.demoted()) {
            throw new IllegalStateException("policy demotes request " + request.id() + " again");
        }
        leaves(request);
        request.demote();
        rank(request);
        boolean full = queue.size(request.rank.lane()) >= limits.leftover();
        if (full && !request.waiting.begun()) {
            policy.gone(request.waiting);
            refuse(request, RefusalReason.QUEUE_FULL);
        } else {
            enqueue(request);
        }
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
