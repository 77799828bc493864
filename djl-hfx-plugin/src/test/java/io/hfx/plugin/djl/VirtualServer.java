package io.hfx.plugin.djl;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToLongFunction;

/** One worker in virtual time, behind a {@link BatchScheduler} or behind a plain FIFO. */
final class VirtualServer {
    private static final WorkerId WORKER = new WorkerId("w");
    private static final long NEVER = Long.MAX_VALUE;

    private final int maxBatch;
    private final IntToLongFunction batchNanos;
    private int batches;
    private int onTime;
    private int completed;

    /** A request: when it comes, and when it is due. */
    record Arrival(long atNanos, long withinNanos) {}

    /**
     * @param batchNanos time of a batch, by its size
     */
    VirtualServer(int maxBatch, IntToLongFunction batchNanos) {
        this.maxBatch = maxBatch;
        this.batchNanos = batchNanos;
    }

    /** Poisson arrivals, each due after one of these times. */
    static List<Arrival> poisson(long seed, double perSecond, int count, long... withinNanos) {
        Random random = new Random(seed);
        List<Arrival> arrivals = new ArrayList<>();
        double atNanos = 0;
        for (int i = 0; i < count; i++) {
            atNanos -= Math.log(1 - random.nextDouble()) / perSecond * 1e9;
            arrivals.add(
                    new Arrival((long) atNanos, withinNanos[random.nextInt(withinNanos.length)]));
        }
        return arrivals;
    }

    /** Requests that were answered within their time. */
    int onTime() {
        return onTime;
    }

    /** Requests that ran, in time or not. */
    int completed() {
        return completed;
    }

    /** Batches of whatever waits, in the order of arrival, as in a plain queue. */
    VirtualServer runFifo(List<Arrival> arrivals) {
        Deque<Arrival> todo = new ArrayDeque<>(arrivals);
        long nowNanos = 0;
        while (!todo.isEmpty()) {
            nowNanos = Math.max(nowNanos, todo.element().atNanos());
            List<Arrival> batch = new ArrayList<>();
            while (batch.size() < maxBatch
                    && !todo.isEmpty()
                    && todo.element().atNanos() <= nowNanos) {
                batch.add(todo.remove());
            }
            nowNanos += batchNanos.applyAsLong(batch.size());
            over(batch, nowNanos);
        }
        return this;
    }

    double meanBatch() {
        return (double) completed / batches;
    }

    /** Through the scheduler. */
    VirtualServer run(List<Arrival> arrivals) {
        long[] wakeAtNanos = {NEVER};
        long[] nowNanos = {0};
        boolean[] ready = {false};
        BatchScheduler<Arrival> scheduler =
                new BatchScheduler<>(
                        new HfxWhole(),
                        new PolicyConfig(Map.of()),
                        new DispatcherLimits(1_000, 1_000),
                        new BatchScheduler.Outcomes<>() {
                            @Override
                            public void refused(Arrival a, RefusalReason r, long retryNanos) {}

                            @Override
                            public void ready(WorkerId worker) {
                                ready[0] = true;
                            }

                            @Override
                            public void wakeAfter(long nanos) {
                                wakeAtNanos[0] = nowNanos[0] + nanos;
                            }
                        });
        scheduler.join(0, WORKER, maxBatch);
        List<Arrival> running = List.of();
        long startNanos = 0;
        long endNanos = NEVER;
        int next = 0;
        while (next < arrivals.size() || endNanos != NEVER || scheduler.waiting() > 0) {
            long arrivalNanos = next < arrivals.size() ? arrivals.get(next).atNanos() : NEVER;
            nowNanos[0] = Math.min(Math.min(arrivalNanos, endNanos), wakeAtNanos[0]);
            if (endNanos == nowNanos[0]) {
                over(running, endNanos);
                endNanos = NEVER;
                scheduler.done(nowNanos[0], WORKER, nowNanos[0] - startNanos);
            } else if (arrivalNanos == nowNanos[0]) {
                Arrival arrival = arrivals.get(next++);
                Slo slo = new Slo(Slo.NONE, Slo.NONE, arrival.withinNanos());
                scheduler.add(nowNanos[0], arrival, new SloClass("c", slo, OnMiss.REJECT, 1), 3, 0);
            } else {
                wakeAtNanos[0] = NEVER;
                scheduler.wake(nowNanos[0]);
            }
            if (endNanos == NEVER && ready[0]) {
                ready[0] = false;
                running = scheduler.take(WORKER);
                startNanos = nowNanos[0];
                endNanos = startNanos + batchNanos.applyAsLong(running.size());
            }
        }
        return this;
    }

    private void over(List<Arrival> batch, long endNanos) {
        batches++;
        completed += batch.size();
        for (Arrival arrival : batch) {
            onTime += endNanos <= arrival.atNanos() + arrival.withinNanos() ? 1 : 0;
        }
    }
}
