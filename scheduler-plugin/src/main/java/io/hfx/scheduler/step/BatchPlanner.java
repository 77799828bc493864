package io.hfx.scheduler.step;

import io.hfx.scheduler.latency.FitError;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.OnlineFit;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * What a worker of the kind {@code WHOLE} runs: batches of whole requests, one after the other, in
 * the order in which they were bound. There are no tokens, slices or KV to plan, so it does in a
 * few operations what a {@link StepPlanner} with a policy that runs all it can does, and reports
 * the same. It fits the worker's latency model. A function of events: it holds no clock.
 *
 * <p>Not thread-safe: the worker's driver owns an instance.
 */
public final class BatchPlanner {
    private final WorkerSpec worker;
    private final OnlineFit fit;
    private final List<Long> waiting = new ArrayList<>();
    private final List<Long> started = new ArrayList<>();
    private final List<Long> ended = new ArrayList<>();
    private final List<Progress> handedBack = new ArrayList<>();
    private List<Long> running = List.of();
    private long acknowledged;

    /**
     * @throws IllegalArgumentException if the worker is of another kind
     */
    public BatchPlanner(WorkerSpec worker) {
        if (worker.kind() != WorkerSpec.Kind.WHOLE) {
            throw new IllegalArgumentException(worker.id() + " does not run whole requests");
        }
        this.worker = worker;
        this.fit = new OnlineFit(worker.latency());
    }

    /** Ids of the requests that run, in the order of their binding; empty when idle. */
    public List<Long> running() {
        return running;
    }

    /** The latency model as fitted so far. */
    public LatencyModel latency() {
        return fit.model();
    }

    /** How far that model is off, of late. */
    public FitError fitError() {
        return fit.error();
    }

    /** Time that a batch of so many requests is expected to take, in nanoseconds. */
    public long predictedNanos(int requests) {
        return fit.model().stepNanos(shape(requests));
    }

    /**
     * Carries orders out and, where nothing runs, starts a batch.
     *
     * @return whether there is something to {@link #report}; not while a batch runs, whose end
     *     reports all
     * @throws IllegalStateException if an order is missing, or is one for workers with KV
     */
    public boolean ordered(List<WorkerOrder> orders) {
        long before = acknowledged;
        for (WorkerOrder order : orders) {
            if (order.number() > acknowledged) {
                take(order);
            }
        }
        if (acknowledged == before || !running.isEmpty()) {
            return false;
        }
        start();
        return true;
    }

    /**
     * The batch is over, and the next starts if there is one: there is something to report.
     *
     * @param busyNanos how long it took; 0 where that says nothing of others, as after a failure
     * @throws IllegalStateException if none runs
     */
    public void done(long busyNanos) {
        if (running.isEmpty()) {
            throw new IllegalStateException("no batch runs");
        }
        if (busyNanos > 0) {
            fit.learn(shape(running.size()), busyNanos);
        }
        ended.addAll(running);
        start();
    }

    private void take(WorkerOrder order) {
        if (order.number() != acknowledged + 1) {
            throw new IllegalStateException(
                    "order " + order.number() + " came after " + acknowledged);
        }
        acknowledged = order.number();
        if (order instanceof WorkerOrder.Bind bind) {
            waiting.add(bind.requestId());
        } else if (order instanceof WorkerOrder.Cancel cancel) {
            if (waiting.remove((Long) cancel.requestId())) {
                ended.add(cancel.requestId());
            }
        } else if (order instanceof WorkerOrder.Recall || order instanceof WorkerOrder.HandBack) {
            if (waiting.remove((Long) order.requestId())) {
                handedBack.add(new Progress(order.requestId(), List.of(0)));
            }
        } else {
            throw new IllegalStateException(worker.id() + " has no KV: " + order);
        }
    }

    private void start() {
        if (waiting.isEmpty()) {
            running = List.of();
            return;
        }
        int size = Math.min(waiting.size(), worker.maxSequences());
        List<Long> first = waiting.subList(0, size);
        running = List.copyOf(first);
        first.clear();
        started.addAll(running);
    }

    /** For the dispatcher: what happened since the last report. */
    public StepReport report() {
        int size = running.size();
        StepReport.Load load =
                new StepReport.Load(
                        0,
                        0,
                        0,
                        size + waiting.size(),
                        worker.kv().totalUnits() - size,
                        size == 0 ? 0 : predictedNanos(size));
        StepReport report =
                new StepReport(
                        worker.id(),
                        acknowledged,
                        started,
                        ended,
                        handedBack,
                        List.of(),
                        List.of(),
                        List.of(),
                        load,
                        fit.model(),
                        fit.error(),
                        Outlook.NONE);
        started.clear();
        ended.clear();
        handedBack.clear();
        return report;
    }

    /** Of each request one run of one token, which stands for the whole. */
    private static StepShape shape(int requests) {
        return new StepShape(requests, requests, 0.5 * requests, 0, 0);
    }
}
