package io.hfx.plugin.djl;

import ai.djl.modality.Output;
import ai.djl.serving.wlm.Job;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.WorkerThread;
import ai.djl.serving.wlm.util.WlmCapacityException;
import ai.djl.serving.wlm.util.WlmShutdownException;
import ai.djl.serving.wlm.util.WorkerJob;
import io.hfx.plugin.http.ApiException;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DJL Serving's work-load manager with a scheduler in the place of each model's queue. Admission,
 * too, is the scheduler's: the server's own check of the queue's length would refuse tight requests
 * because many without objective wait.
 *
 * <p>Thread-safe.
 */
final class HfxWorkLoadManager extends WorkLoadManager {
    private static final Logger LOG = LoggerFactory.getLogger(HfxWorkLoadManager.class);

    /** What schedules the models that take whole requests. */
    static final Policy POLICY = new HfxWhole();

    private static final int MOST_BATCH_DELAY_MILLIS = 60_000;

    private final ServerInternals internals;
    private final RequestContexts contexts;
    private final ServerWatch server;
    private final Map<String, String> policySettings;
    private final QueueClock clock = new QueueClock();

    /**
     * @param server hears of the models and of what is decided
     * @param policySettings of the policy for opaque engines, by key
     */
    HfxWorkLoadManager(
            ServerInternals internals,
            RequestContexts contexts,
            ServerWatch server,
            Map<String, String> policySettings) {
        this.internals = internals;
        this.contexts = contexts;
        this.server = server;
        this.policySettings = Map.copyOf(policySettings);
    }

    @Override
    public <I, O> WorkerPool<I, O> registerWorkerPool(WorkerPoolConfig<I, O> model) {
        WorkerPool<I, O> pool = super.registerWorkerPool(model);
        synchronized (pool) {
            if (!(pool.getJobQueue() instanceof JobQueue)) {
                install(pool);
            }
        }
        return pool;
    }

    /** A model that cannot be scheduled keeps the server's own queue. */
    private <I, O> void install(WorkerPool<I, O> pool) {
        String model = pool.getWpc().getId();
        try {
            internals.install(pool, queueOf(pool));
            LOG.info("model {} is scheduled by its requests' objectives", model);
        } catch (RuntimeException e) {
            server.end(pool.getWpc());
            LOG.error("model {} keeps the server's own queue", model, e);
        }
    }

    private <I, O> JobQueue<I, O> queueOf(WorkerPool<I, O> pool) {
        WorkerPoolConfig<I, O> model = pool.getWpc();
        Map<String, String> settings = new HashMap<>(policySettings);
        int delayMillis = Math.min(MOST_BATCH_DELAY_MILLIS, model.getMaxBatchDelayMillis());
        settings.put("max_batch_delay_ms", Integer.toString(Math.max(0, delayMillis)));
        PolicyConfig config = new PolicyConfig(settings);
        int most = Math.max(1, model.getQueueSize());
        DispatcherLimits limits = new DispatcherLimits(most, most);
        QueueWatch<WorkerJob<I, O>> watch = server.begin(pool, clock);
        JobQueue<I, O> queue =
                new JobQueue<>(
                        model,
                        clock,
                        Refusals::refuse,
                        watch,
                        outcomes -> new BatchScheduler<>(POLICY, config, limits, outcomes, watch));
        watch.watch(queue);
        return queue;
    }

    @Override
    public <I, O> CompletableFuture<O> runJob(Job<I, O> job) {
        WorkerPoolConfig<I, O> model = job.getWpc();
        WorkerPool<I, O> pool = getWorkerPool(model);
        BlockingQueue<WorkerJob<I, O>> queue = pool == null ? null : pool.getJobQueue();
        if (!(queue instanceof JobQueue<I, O> jobs)
                || model.getStatus() != WorkerPoolConfig.Status.READY) {
            return super.runJob(job);
        }
        WorkerJob<I, O> queued = new WorkerJob<>(job, new WatchedFuture<>(job.getInput()));
        CompletableFuture<O> result = queued.getFuture();
        if (isRefusal(job.getInput())) {
            Refusals.answer(queued, (Output) job.getInput());
            return result;
        }
        int most = pool.getMaxWorkers();
        if (most == 0) {
            result.completeExceptionally(
                    new WlmShutdownException("All workers of " + model.getId() + " are shut down"));
            return result;
        }
        jobs.forgetDeadWorkers(() -> running(pool));
        if (pool.isAllWorkerDied()) {
            result.completeExceptionally(
                    new WlmCapacityException("No worker of " + model.getId() + " is alive"));
        } else {
            result = add(jobs, queued);
        }
        scaleUp(pool, most, jobs.size());
        return result;
    }

    private <I, O> CompletableFuture<O> add(JobQueue<I, O> jobs, WorkerJob<I, O> queued) {
        long nowNanos = clock.nanos();
        Job<I, O> job = queued.getJob();
        RequestContext context;
        try {
            context = contexts.of(job.getInput(), nowNanos);
        } catch (ApiException e) {
            int code = e.error().status();
            String message = e.error().message();
            Refusals.answer(
                    queued, Refusals.output(code, "BadRequestException", message, "bad-request"));
            return queued.getFuture();
        }
        WatchedFuture<O> future = WatchedFuture.of(queued);
        if (future != null) {
            future.requestId(context.requestId());
        }
        // The next stage hangs on what is returned here, so it finds the context.
        CompletableFuture<O> result =
                queued.getFuture()
                        .thenApply(
                                output -> {
                                    contexts.handOn(output, context);
                                    return output;
                                });
        long ageNanos = nowNanos - context.arrivalNanos();
        jobs.add(queued, context.sloClass(), job.getPriority(), ageNanos);
        return result;
    }

    /** A stage that is handed a refusal of the stage before hands it on. */
    private static boolean isRefusal(Object input) {
        return input instanceof Output output
                && output.getCode() >= 400
                && output.getProperty(Refusals.REASON, null) != null;
    }

    private static Set<String> running(WorkerPool<?, ?> pool) {
        return pool.getWorkers().stream()
                .filter(WorkerThread::isRunning)
                .map(WorkerThread::getWorkerId)
                .collect(Collectors.toSet());
    }

    /** As the server does: where no worker runs, or more jobs wait than two batches. */
    private void scaleUp(WorkerPool<?, ?> pool, int mostWorkers, int waiting) {
        WorkerPoolConfig<?, ?> model = pool.getWpc();
        int workers = getNumRunningWorkers(model);
        if (workers > 0 && (workers >= mostWorkers || waiting <= 2 * model.getBatchSize())) {
            return;
        }
        synchronized (pool) {
            workers = getNumRunningWorkers(model);
            if (workers < mostWorkers) {
                LOG.info("model {}: one worker more than {}", model.getId(), workers);
                internals.addWorker(pool);
            }
        }
    }

    @Override
    public void unregisterWorkerPool(WorkerPoolConfig<?, ?> model) {
        WorkerPool<?, ?> pool = getWorkerPool(model);
        super.unregisterWorkerPool(model);
        if (getWorkerPool(model) == null) {
            refuseAll(pool);
            server.end(model);
        }
    }

    private static <I, O> void refuseAll(WorkerPool<I, O> pool) {
        String message = "Model " + pool.getWpc().getId() + " was unregistered";
        for (WorkerJob<I, O> job : List.copyOf(pool.getJobQueue())) {
            Refusals.answer(
                    job, Refusals.output(404, "ModelNotFoundException", message, "unregistered"));
        }
    }

    @Override
    public void close() {
        super.close();
        clock.close();
    }
}
