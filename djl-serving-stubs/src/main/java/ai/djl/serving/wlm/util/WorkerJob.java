package ai.djl.serving.wlm.util;

import ai.djl.serving.wlm.Job;
import java.util.concurrent.CompletableFuture;

/** Signatures only. */
public final class WorkerJob<I, O> implements Comparable<WorkerJob<I, O>> {
    public WorkerJob(Job<I, O> job, CompletableFuture<O> future) {
        throw new UnsupportedOperationException("stub");
    }

    public Job<I, O> getJob() {
        throw new UnsupportedOperationException("stub");
    }

    public CompletableFuture<O> getFuture() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public int compareTo(WorkerJob<I, O> o) {
        throw new UnsupportedOperationException("stub");
    }
}
