package io.hfx.plugin.djl;

import ai.djl.serving.wlm.Job;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.util.WorkerJob;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.PriorityBlockingQueue;

/** The queues to compare, and the calls that DJL Serving makes on them for a job. */
final class Queues {
    private static final int MOST = 1_000;
    private static final int PRIORITY = 3;
    private static final WorkerPoolConfig<String, String> MODEL = new Model();

    private Queues() {}

    /** {@code stock} for what DJL Serving has, {@code hfx} for ours. */
    static BlockingQueue<WorkerJob<String, String>> named(String name) {
        return switch (name) {
            case "stock" -> new PriorityBlockingQueue<>(MOST);
            case "hfx" -> hfx();
            default -> throw new IllegalArgumentException("no queue " + name);
        };
    }

    private static JobQueue<String, String> hfx() {
        Policy policy = new HfxWhole();
        DispatcherLimits limits = new DispatcherLimits(MOST, MOST);
        return new JobQueue<>(
                MODEL,
                new QueueClock(),
                0,
                Refusals::refuse,
                outcomes -> new BatchScheduler<>(policy, PolicyConfig.DEFAULTS, limits, outcomes));
    }

    static WorkerJob<String, String> job() {
        return new WorkerJob<>(new Job<>(MODEL, "input", PRIORITY), new CompletableFuture<>());
    }

    /** As the server does when a request comes. */
    static void add(BlockingQueue<WorkerJob<String, String>> queue) {
        if (queue.size() >= MOST || !queue.offer(job())) {
            throw new IllegalStateException("the queue is full");
        }
    }

    /** As a worker thread does at batch size 1. */
    static WorkerJob<String, String> take(BlockingQueue<WorkerJob<String, String>> queue)
            throws InterruptedException {
        List<WorkerJob<String, String>> batch = new ArrayList<>(1);
        batch.add(queue.take());
        queue.drainTo(batch, 0);
        return batch.get(0);
    }

    private static final class Model extends WorkerPoolConfig<String, String> {
        @Override
        public String getId() {
            return "model";
        }

        @Override
        public Status getStatus() {
            return Status.READY;
        }

        @Override
        public int getBatchSize() {
            return 1;
        }
    }
}
