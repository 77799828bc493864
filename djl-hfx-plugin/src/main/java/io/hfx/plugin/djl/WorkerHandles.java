package io.hfx.plugin.djl;

import io.hfx.plugin.live.WorkerHandle;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The workers of one model, and what each is on its way to. Thread-safe. */
final class WorkerHandles {
    private final Map<WorkerHandle, CompletableFuture<Void>> goals = new LinkedHashMap<>();

    synchronized void add(WorkerHandle worker) {
        goals.put(worker, worker.ready().toCompletableFuture());
    }

    /** Lets a worker leave; a second call has no effect. Never blocks. */
    @SuppressWarnings("FutureReturnValueIgnored") // forget() throws nothing
    void drain(WorkerHandle worker, long graceNanos) {
        CompletableFuture<Void> left = worker.drain(graceNanos).toCompletableFuture();
        synchronized (this) {
            if (goals.containsKey(worker)) {
                goals.put(worker, left);
            }
        }
        left.whenComplete((done, error) -> forget(worker));
    }

    private synchronized void forget(WorkerHandle worker) {
        goals.remove(worker);
    }

    /** Completes when all of today's goals are reached; fails if one cannot be. */
    synchronized CompletableFuture<Void> settled() {
        return CompletableFuture.allOf(goals.values().toArray(CompletableFuture[]::new));
    }
}
