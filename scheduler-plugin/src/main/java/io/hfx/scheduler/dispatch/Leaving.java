package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.explain.Decision.What;
import io.hfx.scheduler.explain.Explainer;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;

/**
 * Calls requests back from workers that leave: what has not started at once, what runs when its
 * worker's time is over. Only what a worker that stays can take is called back; the rest ends where
 * it is.
 */
final class Leaving {
    private final Fleet fleet;
    private final Mover.Orders orders;
    private final Explainer explainer;

    Leaving(Fleet fleet, Mover.Orders orders, Explainer explainer) {
        this.fleet = fleet;
        this.orders = orders;
        this.explainer = explainer;
    }

    /** Calls back what is due. */
    void callBack(long nowNanos) {
        for (Worker worker : fleet.all()) {
            Long leavesAtNanos = worker.leavesAtNanos;
            if (leavesAtNanos == null) {
                continue;
            }
            for (Tracked request : worker.bound()) {
                if (request.worker == worker && fleet.fits(request.request())) {
                    callBack(worker, request, leavesAtNanos <= nowNanos);
                }
            }
        }
    }

    private void callBack(Worker worker, Tracked request, boolean timeIsOver) {
        if (request.isMovable() && timeIsOver) {
            request.callBack = Tracked.CallBack.HAND_BACK;
            orders.send(worker, new WorkerOrder.HandBack(worker.nextOrder(), request.id()));
            tell(worker, request);
        } else if (!request.started
                && !request.cancelled
                && request.callBack == Tracked.CallBack.NONE) {
            request.callBack = Tracked.CallBack.RECALL;
            orders.send(worker, new WorkerOrder.Recall(worker.nextOrder(), request.id()));
            tell(worker, request);
        }
    }

    private void tell(Worker worker, Tracked request) {
        explainer.tell(
                request.id(),
                What.RECALLED,
                Reason.WORKER_LEAVES,
                worker.spec().id(),
                request.waiting.demoted());
    }

    /** Forgets the leaving workers that have nothing left, and names them. */
    List<WorkerId> takeEmpty() {
        List<WorkerId> empty =
                fleet.all().stream()
                        .filter(w -> w.isLeaving() && w.bound().isEmpty())
                        .map(w -> w.spec().id())
                        .toList();
        empty.forEach(fleet::lose);
        return empty;
    }

    /** When the next worker's time is over. */
    long nextNanos(long nowNanos) {
        long next = Long.MAX_VALUE;
        for (Worker worker : fleet.all()) {
            if (worker.leavesAtNanos != null && worker.leavesAtNanos > nowNanos) {
                next = Math.min(next, worker.leavesAtNanos);
            }
        }
        return next;
    }
}
