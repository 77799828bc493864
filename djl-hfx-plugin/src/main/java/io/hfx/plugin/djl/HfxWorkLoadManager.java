package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.wlm.Job;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.WorkerThread;
import ai.djl.serving.wlm.util.WlmCapacityException;
import ai.djl.serving.wlm.util.WlmException;
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

    private static final int MOST_BATCH_DELAY_MILLIS = 60_000;

    private final ServerInternals internals;
    private final RequestContexts contexts;
    private final Map<String, String> policySettings;
    private final TokenLevelJobs tokenLevelJobs;
    private final QueueClock clock = new QueueClock();

    /**
     * @param policySettings of the policy for opaque engines, by key
     * @param tokenLevelJobs runs the requests of token-level models
     */
    HfxWorkLoadManager(
            ServerInternals internals,
            RequestContexts contexts,
            Map<String, String> policySettings,
            TokenLevelJobs tokenLevelJobs) {
        this.tokenLevelJobs = tokenLevelJobs;
        this.internals = internals;
        this.contexts = contexts;
        this.policySettings = Map.copyOf(policySettings);
    }

    @Override
    public <I, O> WorkerPool<I, O> registerWorkerPool(WorkerPoolConfig<I, O> model) {
        WorkerPool<I, O> pool = super.registerWorkerPool(model);
        if (HfxEngine.runs(model)) {
            return pool; // its requests never queue there
        }
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
            LOG.error("model {} keeps the server's own queue", model, e);
        }
    }

    private <I, O> JobQueue<I, O> queueOf(WorkerPool<I, O> pool) {
        WorkerPoolConfig<I, O> model = pool.getWpc();
        Map<String, String> settings = new HashMap<>(policySettings);
        int delayMillis = Math.min(MOST_BATCH_DELAY_MILLIS, model.getMaxBatchDelayMillis());
        settings.put("max_batch_delay_ms", Integer.toString(Math.max(0, delayMillis)));
        PolicyConfig config = new PolicyConfig(settings);
        Policy policy = new HfxWhole();
        int most = Math.max(1, model.getQueueSize());
        DispatcherLimits limits = new DispatcherLimits(most, most);
        return new JobQueue<>(
                model,
                clock,
                Refusals::refuse,
                outcomes -> new BatchScheduler<>(policy, config, limits, outcomes));
    }

    @Override
    public <I, O> CompletableFuture<O> runJob(Job<I, O> job) {
        WorkerPoolConfig<I, O> model = job.getWpc();
        if (HfxEngine.runs(model) && model.getStatus() == WorkerPoolConfig.Status.READY) {
            return generate(job);
        }
        WorkerPool<I, O> pool = getWorkerPool(model);
        BlockingQueue<WorkerJob<I, O>> queue = pool == null ? null : pool.getJobQueue();
        if (!(queue instanceof JobQueue<I, O> jobs)
                || model.getStatus() != WorkerPoolConfig.Status.READY) {
            return super.runJob(job);
        }
        WorkerJob<I, O> queued = new WorkerJob<>(job, new CompletableFuture<>());
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

    /** A request of a token-level model does not queue for a worker of the server's. */
    @SuppressWarnings("unchecked") // whoever puts an Input in expects an Output
    private <I, O> CompletableFuture<O> generate(Job<I, O> job) {
        String name = job.getWpc().getId();
        if (isRefusal(job.getInput())) {
            return (CompletableFuture<O>) CompletableFuture.completedFuture(job.getInput());
        }
        HfxModel model = HfxModel.of(job.getWpc());
        if (model != null && model.lacksWorkers()) {
            return CompletableFuture.failedFuture(
                    new WlmShutdownException("Model " + name + " has no worker"));
        }
        if (job.getInput() instanceof Input input) {
            return (CompletableFuture<O>) tokenLevelJobs.run(name, input);
        }
        return CompletableFuture.failedFuture(
                new WlmException("Model " + name + " takes inputs of HTTP only"));
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
