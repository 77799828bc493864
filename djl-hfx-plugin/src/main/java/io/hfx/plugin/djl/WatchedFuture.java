package io.hfx.plugin.djl;

import ai.djl.serving.wlm.util.WorkerJob;
import io.hfx.plugin.metrics.ClassFigures;
import io.hfx.plugin.trace.RequestTrace;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a job to come, with what is known of the job: so nothing has to be looked up for
 * it. Written under the lock of its queue, or before it is in one.
 */
final class WatchedFuture<O> extends CompletableFuture<O> {
    private final Object input;
    private String requestId = "";
    private @Nullable RequestTrace trace;
    private @Nullable ClassFigures figures;
    private long queuedAtNanos;

    /**
     * @param input of the job
     */
    WatchedFuture(Object input) {
        this.input = input;
    }

    Object input() {
        return input;
    }

    /** That of a job, or null where it was not made here. */
    static <O> @Nullable WatchedFuture<O> of(WorkerJob<?, O> job) {
        return job.getFuture() instanceof WatchedFuture<O> watched ? watched : null;
    }

    /** The request that the job belongs to, as its answer will name it. */
    void requestId(String id) {
        requestId = id;
    }

    String requestId() {
        return requestId;
    }

    void queued(RequestTrace newTrace, ClassFigures newFigures, long atNanos) {
        trace = newTrace;
        figures = newFigures;
        queuedAtNanos = atNanos;
    }

    /** Null before it was queued. */
    @Nullable RequestTrace trace() {
        return trace;
    }

    /** Null before it was queued. */
    @Nullable ClassFigures figures() {
        return figures;
    }

    long queuedAtNanos() {
        return queuedAtNanos;
    }
}
