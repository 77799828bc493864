package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import io.hfx.plugin.metrics.BatchFigures;
import io.hfx.plugin.metrics.ClassFigures;
import io.hfx.plugin.metrics.ModelFigures;
import io.hfx.plugin.metrics.QueueLevel;
import io.hfx.plugin.metrics.QueueMeters;
import io.hfx.plugin.trace.RequestTrace;
import io.hfx.plugin.trace.RequestTraces;
import io.hfx.plugin.trace.TraceEvent;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Takes down what is decided in the queue of one model, and what becomes of its jobs. Called under
 * the queue's lock, but for the jobs' answers and what is asked, which any thread may.
 *
 * @param <J> a job
 */
final class QueueWatch<J> implements QueueObserver<J> {
    private static final int BAD_REQUEST = 400;

    private final String model;
    private final JobQueue.Clock clock;
    private final RequestTraces traces;
    private final QueueMeters meters;
    private final ModelFigures figures;
    private final Function<J, @Nullable WatchedFuture<?>> futures;
    private volatile @Nullable Collection<J> queue;

    /**
     * @param clock of the queue
     * @param futures a job's answer to come, or null where nothing is known of the job
     */
    QueueWatch(
            String model,
            JobQueue.Clock clock,
            RequestTraces traces,
            QueueMeters meters,
            Function<J, @Nullable WatchedFuture<?>> futures) {
        this.futures = futures;
        this.model = model;
        this.clock = clock;
        this.traces = traces;
        this.meters = meters;
        this.figures = meters.add(model, this::waiting);
    }

    /** The queue whose jobs are counted when somebody asks. */
    void watch(Collection<J> jobs) {
        queue = jobs;
    }

    /** The model is gone. */
    void close() {
        meters.remove(figures);
    }

    RequestTraces traces() {
        return traces;
    }

    ModelFigures figures() {
        return figures;
    }

    @Override
    public void queued(
            long nowNanos, J job, SloClass sloClass, int priority, long ageNanos, int ahead) {
        WatchedFuture<?> future = futures.apply(job);
        if (future == null) {
            return;
        }
        long readAtMillis = System.currentTimeMillis() - ageNanos / 1_000_000;
        RequestTrace trace =
                new RequestTrace(
                        future.requestId(),
                        model,
                        sloClass,
                        priority,
                        nowNanos - ageNanos,
                        readAtMillis,
                        0);
        trace.add(new TraceEvent.Queued(nowNanos, ahead));
        ClassFigures ofClass = figures.of(sloClass);
        future.queued(trace, ofClass, nowNanos);
        traces.begin(trace);
    }

    @Override
    public Answer answer(J job) {
        WatchedFuture<?> future = futures.apply(job);
        RequestTrace trace = future == null ? null : future.trace();
        ClassFigures ofClass = future == null ? null : future.figures();
        if (future == null || trace == null || ofClass == null) {
            return (output, error) -> {};
        }
        Object input = future.input();
        return (output, error) -> answered(trace, ofClass, input, output, error);
    }

    @Override
    public void decided(J job, Decision decision) {
        WatchedFuture<?> future = futures.apply(job);
        if (future != null && future.trace() != null && future.figures() != null) {
            future.trace().add(new TraceEvent.Decided(decision));
            if (decision.what() == Decision.What.BOUND && decision.demoted()) {
                future.figures().demoted();
            }
        }
    }

    @Override
    public void began(long nowNanos, WorkerId worker, Collection<J> batch, long predictedNanos) {
        TraceEvent.Batched decision =
                new TraceEvent.Batched(nowNanos, worker.name(), batch.size(), predictedNanos);
        for (J job : batch) {
            WatchedFuture<?> future = futures.apply(job);
            if (future != null && future.trace() != null && future.figures() != null) {
                future.trace().add(decision);
                future.figures().began(nowNanos - future.queuedAtNanos());
            }
        }
    }

    @Override
    public void ended(int jobs, long predictedNanos, long tookNanos, LatencyModel fitted) {
        BatchFigures batches = figures.batches();
        batches.ended(jobs, predictedNanos, tookNanos, fitted);
    }

    /** On whatever thread answers. Of an error only its kind is kept: its text may be a prompt. */
    private void answered(
            RequestTrace trace,
            ClassFigures ofClass,
            Object input,
            @Nullable Object output,
            @Nullable Throwable error) {
        long nowNanos = clock.nanos();
        Slo slo = trace.sloClass().slo();
        boolean skipped = output == null && error == null;
        if (skipped || (input instanceof Input request && request.isCancelled())) {
            ofClass.aborted();
            trace.add(new TraceEvent.Aborted(nowNanos));
        } else if (error != null) {
            ofClass.failed(slo);
            trace.add(new TraceEvent.Failed(nowNanos, error.getClass().getSimpleName()));
        } else if (output instanceof Output answer && answer.getCode() >= BAD_REQUEST) {
            String reason = answer.getProperty(Refusals.REASON, null);
            if (reason == null) {
                ofClass.failed(slo);
                trace.add(new TraceEvent.Failed(nowNanos, "status " + answer.getCode()));
            } else {
                ofClass.refused(slo, reason);
                trace.add(new TraceEvent.Refused(nowNanos, reason));
            }
        } else {
            long e2eNanos = nowNanos - trace.readAtNanos();
            trace.add(new TraceEvent.Finished(nowNanos, ofClass.finished(slo, e2eNanos)));
        }
    }

    private Map<String, QueueLevel> waiting() {
        Collection<J> jobs = queue;
        Map<String, QueueLevel> levels = new HashMap<>();
        long nowNanos = clock.nanos();
        for (J job : jobs == null ? List.<J>of() : jobs) {
            WatchedFuture<?> future = futures.apply(job);
            RequestTrace trace = future == null ? null : future.trace();
            if (future != null && trace != null) {
                long waitedNanos = Math.max(0, nowNanos - future.queuedAtNanos());
                levels.merge(
                        trace.sloClass().name(), new QueueLevel(1, waitedNanos), QueueLevel::plus);
            }
        }
        return levels;
    }
}
