package io.hfx.plugin.djl;

import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.util.WorkerJob;
import io.hfx.plugin.metrics.Meters;
import io.hfx.plugin.metrics.QueueMeters;
import io.hfx.plugin.service.ModelDirectory;
import io.hfx.plugin.trace.RequestTrace;
import io.hfx.plugin.trace.RequestTraces;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What a server knows of its models and their newest requests. Thread-safe. */
final class ServerWatch {
    /**
     * Requests that are kept of each model that takes whole ones. They may come by the thousand a
     * second: what is kept of them is garbage soon, and while it is not, the collector copies it.
     */
    private static final int KEPT_OF_WHOLE = 1_000;

    private final Meters meters = new Meters();
    private final QueueMeters queues = new QueueMeters(meters);
    private final RequestTraces tokenTraces = new RequestTraces();
    private final List<Watched> models = new CopyOnWriteArrayList<>();
    private final ModelDirectory tokenLevel;

    /** A model whose queue is scheduled here. */
    record Watched(WorkerPool<?, ?> pool, QueueWatch<?> watch) {
        boolean isOf(WorkerPoolConfig<?, ?> model) {
            return pool.getWpc() == model;
        }
    }

    /**
     * @param tokenLevel models that no queue is watched of
     */
    ServerWatch(ModelDirectory tokenLevel) {
        this.tokenLevel = tokenLevel;
    }

    ModelDirectory tokenLevel() {
        return tokenLevel;
    }

    Meters meters() {
        return meters;
    }

    /** Of requests of token-level models. */
    RequestTraces tokenTraces() {
        return tokenTraces;
    }

    /** What is kept of a request by all models, the oldest first. */
    List<RequestTrace> find(String requestId) {
        List<RequestTrace> found = new ArrayList<>(tokenTraces.find(requestId));
        models.forEach(m -> found.addAll(m.watch.traces().find(requestId)));
        found.sort(Comparator.comparingLong(RequestTrace::readAtNanos));
        return found;
    }

    /** A new observer for the queue of a model. */
    <I, O> QueueWatch<WorkerJob<I, O>> begin(WorkerPool<I, O> pool, JobQueue.Clock clock) {
        String model = pool.getWpc().getId();
        RequestTraces traces = new RequestTraces(KEPT_OF_WHOLE);
        QueueWatch<WorkerJob<I, O>> watch =
                new QueueWatch<>(model, clock, traces, queues, WatchedFuture::of);
        models.add(new Watched(pool, watch));
        return watch;
    }

    /** The model is gone, or its queue is not scheduled after all. */
    void end(WorkerPoolConfig<?, ?> model) {
        for (Watched each : models()) {
            if (each.isOf(model) && models.remove(each)) {
                each.watch.close();
            }
        }
    }

    List<Watched> models() {
        return new ArrayList<>(models);
    }
}
