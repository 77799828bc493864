package ai.djl.serving.wlm;

import java.util.concurrent.CompletableFuture;

/** Signatures only. */
public class WorkLoadManager {
    public <I, O> WorkerPool<I, O> registerWorkerPool(WorkerPoolConfig<I, O> wpc) {
        throw new UnsupportedOperationException("stub");
    }

    public void unregisterWorkerPool(WorkerPoolConfig<?, ?> wpc) {
        throw new UnsupportedOperationException("stub");
    }

    public <I, O> CompletableFuture<O> runJob(Job<I, O> job) {
        throw new UnsupportedOperationException("stub");
    }

    public int getNumRunningWorkers(WorkerPoolConfig<?, ?> wpc) {
        throw new UnsupportedOperationException("stub");
    }

    public <I, O> WorkerPool<I, O> getWorkerPool(WorkerPoolConfig<I, O> wpc) {
        throw new UnsupportedOperationException("stub");
    }

    public void close() {
        throw new UnsupportedOperationException("stub");
    }
}
