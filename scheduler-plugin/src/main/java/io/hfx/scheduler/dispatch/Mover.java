package io.hfx.scheduler.dispatch;

import io.hfx.scheduler.explain.Decision.What;
import io.hfx.scheduler.explain.Explainer;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.Paused;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy.Migration;
import org.jspecify.annotations.Nullable;

/**
 * Moves started requests between workers. A request belongs to its worker until the other one says
 * that it goes on there; whatever goes wrong before, it goes on where it was, and if that worker is
 * lost it is the other's to go on with or to hand back.
 *
 * <pre>
 * source: Pause ─► paused ─────────────────────────► Discard   (or Resume)
 * target:              └─► Import ─► goingOn ────────┘         (or handed back)
 * </pre>
 */
final class Mover {
    /** Sends an order to a worker. */
    interface Orders {
        void send(Worker worker, WorkerOrder order);
    }

    /**
     * A move under way.
     *
     * @param to where
     * @param importing whether the target has been told
     */
    record Move(Worker to, boolean importing) {}

    private final Fleet fleet;
    private final Orders orders;
    private final Explainer explainer;

    Mover(Fleet fleet, Orders orders, Explainer explainer) {
        this.fleet = fleet;
        this.orders = orders;
        this.explainer = explainer;
    }

    /**
     * Starts a move.
     *
     * @throws IllegalStateException if the policy asks for an impossible one
     */
    void begin(@Nullable Tracked request, Migration wanted) {
        Worker source = request == null ? null : request.worker;
        Worker to = fleet.get(wanted.to());
        if (request == null || source == null || !request.isMovable()) {
            throw new IllegalStateException("policy moves what cannot move: " + wanted);
        }
        if (to == null || to.isLeaving() || to == source) {
            throw new IllegalStateException("policy moves to no other worker: " + wanted);
        }
        request.move = new Move(to, false);
        tell(request, What.MOVES, Reason.BALANCE, to);
        orders.send(source, new WorkerOrder.Pause(source.nextOrder(), request.id()));
    }

    /** The source has stopped it. */
    void paused(Tracked request, Paused state, long nowNanos) {
        Worker source = request.worker;
        Move move = request.move;
        if (source == null || move == null) {
            throw new IllegalStateException("request " + request.id() + " was not to pause");
        }
        if (request.cancelled) {
            return;
        }
        Worker to = move.to();
        if (fleet.get(to.spec().id()) != to || to.isLeaving()) {
            resume(request, source);
            return;
        }
        request.move = new Move(to, true);
        long number = to.nextOrder();
        to.expect(request, number);
        orders.send(
                to,
                new WorkerOrder.Import(
                        number,
                        request.request(),
                        nowNanos - request.waiting.arrivalNanos(),
                        request.waiting.demoted(),
                        state,
                        source.spec().id()));
    }

    /** A worker goes on with it: the source because it could not stop it, or the target. */
    void goingOn(Worker worker, Tracked request) {
        Worker source = request.worker;
        Move move = request.move;
        if (worker == source) {
            if (request.arriving) {
                tell(request, What.MOVED, null, worker);
            } else if (request.move != null) {
                tell(request, What.STAYS, Reason.MOVE_FAILED, worker);
            }
            request.move = null;
            request.arriving = false;
        } else if (move != null && source != null && worker == move.to() && !request.cancelled) {
            tell(request, What.MOVED, null, worker);
            request.move = null;
            request.worker = worker;
            source.unbind(request);
            orders.send(source, new WorkerOrder.Discard(source.nextOrder(), request.id()));
        }
    }

    /** Whether what a worker hands back was only on its way there: it goes on where it was. */
    boolean handedBack(Worker worker, Tracked request) {
        Worker source = request.worker;
        if (source == null || source == worker) {
            return false;
        }
        request.move = null;
        if (!request.cancelled) {
            resume(request, source);
        }
        return true;
    }

    /** Its client is gone: everybody who has it is told. */
    void cancel(Tracked request) {
        for (Worker worker : new Worker[] {request.worker, target(request)}) {
            if (worker != null) {
                orders.send(worker, new WorkerOrder.Cancel(worker.nextOrder(), request.id()));
            }
        }
    }

    /**
     * A worker has ended it; whoever else has it is to end it too.
     *
     * @return whether nobody has it any more
     */
    boolean ended(Worker worker, Tracked request) {
        Worker source = request.worker;
        Worker target = target(request);
        if (worker == source || worker == target) {
            request.move = null;
        }
        if (worker == source) {
            request.worker = target;
        }
        if (request.worker == null) {
            return true;
        }
        if (!request.cancelled) {
            request.cancelled = true;
            cancel(request);
        }
        return false;
    }

    /** Whether a request that a lost worker had lives on at another. */
    boolean survives(Worker lost, Tracked request) {
        Worker source = request.worker;
        Worker target = target(request);
        if (lost == target && source != null) {
            request.move = null;
            if (!request.cancelled) {
                resume(request, source);
            }
            return true;
        }
        request.worker = target;
        request.move = null;
        request.arriving = target != null;
        return target != null;
    }

    private void resume(Tracked request, Worker source) {
        request.move = null;
        tell(request, What.STAYS, Reason.MOVE_FAILED, source);
        orders.send(source, new WorkerOrder.Resume(source.nextOrder(), request.id()));
    }

    private void tell(Tracked request, What what, @Nullable Reason reason, Worker worker) {
        explainer.tell(request.id(), what, reason, worker.spec().id(), request.waiting.demoted());
    }

    private static @Nullable Worker target(Tracked request) {
        Move move = request.move;
        return move != null && move.importing() ? move.to() : null;
    }
}
