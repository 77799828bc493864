package io.hfx.plugin.live;

import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.scheduler.request.WorkerId;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where one worker serves at a time, from the wish for it until it has left. Guarded by its fleet.
 * Holds on to no worker that has failed, nor to its KV.
 */
final class WorkerPlace {
    private final RestartBudget budget;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CompletableFuture<Void> left = new CompletableFuture<>();
    private WorkerStatus last;
    private @Nullable WorkerLoop worker;
    private boolean gone;
    private boolean leaving;

    WorkerPlace(WorkerId first, RestartBudget budget) {
        this.budget = budget;
        this.last = WorkerStatus.starting(first.name());
    }

    RestartBudget budget() {
        return budget;
    }

    @Nullable WorkerLoop worker() {
        return worker;
    }

    void enter(WorkerLoop next) {
        last = next.status();
        worker = next;
        ready.complete(null);
    }

    void failed(WorkerLoop old) {
        last = old.status();
        worker = null;
    }

    /** Given up. */
    void giveUp(Throwable cause) {
        gone = true;
        ready.completeExceptionally(cause);
    }

    void leave() {
        leaving = true;
        ready.completeExceptionally(new IllegalStateException("the worker was taken away"));
    }

    boolean isLeaving() {
        return leaving;
    }

    /** Whether it serves, or will. */
    boolean stays() {
        return !gone && !leaving;
    }

    /** Completes when the first worker serves; fails if none ever does. */
    CompletableFuture<Void> ready() {
        return ready;
    }

    /** Completes when nothing of it is left: no thread, no KV. */
    CompletableFuture<Void> left() {
        return left;
    }

    String name() {
        return last.id();
    }

    WorkerStatus status() {
        WorkerLoop serving = worker;
        if (serving != null) {
            WorkerStatus now = serving.status();
            return leaving ? now.with(WorkerStatus.DRAINING) : now;
        }
        if (leaving) {
            return last.ended(WorkerStatus.DRAINING);
        }
        if (!ready.isDone()) {
            return last;
        }
        return last.ended(gone ? WorkerStatus.GONE : WorkerStatus.RESTARTING);
    }
}
