package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.serving.models.ModelManager;
import ai.djl.serving.wlm.Job;
import ai.djl.serving.wlm.WorkLoadManager;
import ai.djl.serving.wlm.WorkerGroup;
import ai.djl.serving.wlm.WorkerPool;
import ai.djl.serving.wlm.WorkerPoolConfig;
import ai.djl.serving.wlm.WorkerThread;
import ai.djl.serving.wlm.util.WlmCapacityException;
import ai.djl.serving.wlm.util.WlmException;
import ai.djl.serving.wlm.util.WlmShutdownException;
import ai.djl.serving.wlm.util.WorkerJob;
import io.hfx.plugin.config.ModelConfig;
import io.hfx.plugin.http.ApiException;
import io.hfx.plugin.openai.SloResolver;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
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
    private final ModelConfigs models;
    private final ServerWatch server;
    private final TokenLevelJobs tokenLevelJobs;
    private final QueueClock clock = new QueueClock();
    private final Patrol patrol = new Patrol();
    private final Workflows workflows;
    private final Set<JobQueue<?, ?>> queues = ConcurrentHashMap.newKeySet();

    private final Regrowth regrowth;

    /**
     * @param models what each model was told
     * @param server hears of the models and of what is decided
     * @param tokenLevelJobs runs the requests of token-level models
     */
    HfxWorkLoadManager(
            ServerInternals internals,
            ModelConfigs models,
            ServerWatch server,
            TokenLevelJobs tokenLevelJobs) {
        this.internals = internals;
        this.regrowth = new Regrowth(internals);
        this.contexts = new RequestContexts();
        this.models = models;
        this.server = server;
        this.tokenLevelJobs = tokenLevelJobs;
        this.workflows =
                new Workflows(
                        internals,
                        () -> ModelManager.getInstance().getEndpoints().values(),
                        contexts);
        patrol.add(
                () -> {
                    workflows.look();
                    return true;
                });
    }

    @Override
    public <I, O> WorkerPool<I, O> registerWorkerPool(WorkerPoolConfig<I, O> model) {
        models.read(model);
        WorkerPool<I, O> pool = super.registerWorkerPool(model);
        workflows.look();
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
            JobQueue<I, O> queue = queueOf(pool);
            internals.install(pool, queue);
            queues.add(queue);
            patrol.add(() -> look(pool, queue));
            LOG.info("model {} is scheduled by its requests' objectives", model);
        } catch (RuntimeException e) {
            server.end(pool.getWpc());
            LOG.error("model {} keeps the server's own queue", model, e);
        }
    }

    private <I, O> JobQueue<I, O> queueOf(WorkerPool<I, O> pool) {
        WorkerPoolConfig<I, O> model = pool.getWpc();
        ModelConfig own = models.of(model);
        Map<String, String> settings = new HashMap<>();
        settings.put("leftover_share", Double.toString(own.bestEffortShare()));
        settings.put("margin", Double.toString(own.deadlineMargin()));
        int delayMillis = Math.min(MOST_BATCH_DELAY_MILLIS, model.getMaxBatchDelayMillis());
        settings.put("max_batch_delay_ms", Integer.toString(Math.max(0, delayMillis)));
        PolicyConfig config = new PolicyConfig(settings);
        int most = Math.max(1, model.getQueueSize());
        DispatcherLimits limits =
                new DispatcherLimits(
                        own.waiting().orElse(most), own.waitingBestEffort().orElse(most));
        QueueWatch<WorkerJob<I, O>> watch = server.begin(pool, clock);
        JobQueue<I, O> queue =
                new JobQueue<>(
                        model,
                        clock,
                        Asynchronous.mostInFlight(model),
                        Refusals::refuse,
                        watch,
                        outcomes -> new BatchScheduler<>(POLICY, config, limits, outcomes, watch));
        watch.watch(queue);
        return queue;
    }

    /** What the server does not tell of; returns whether to look again. */
    private <I, O> boolean look(WorkerPool<I, O> pool, JobQueue<I, O> queue) {
        if (getWorkerPool(pool.getWpc()) != pool) {
            close(queue);
            return false;
        }
        Set<String> running = queue.forgetDeadWorkers(() -> running(pool));
        if (!running.isEmpty()) {
            regrowth.worked(pool);
        }
        if (queue.size() == 0) {
            return true;
        }
        if (!mayRun(pool)) {
            queue.answerWaiting(Refusals::scaledToZero);
        } else if (pool.getWpc().getStatus() != WorkerPoolConfig.Status.READY) {
            queue.answerWaiting(Refusals::notReady);
        } else if (running.isEmpty()) {
            regrowth.attempt(pool);
        }
        return true;
    }

    @Override
    public <I, O> CompletableFuture<O> runJob(Job<I, O> job) {
        WorkerPoolConfig<I, O> model = job.getWpc();
        if (model.getStatus() != WorkerPoolConfig.Status.READY) {
            return super.runJob(job);
        }
        if (HfxEngine.runs(model)) {
            return generate(job);
        }
        WorkerPool<I, O> pool = getWorkerPool(model);
        WorkerJob<I, O> queued = new WorkerJob<>(job, new WatchedFuture<>(job.getInput()));
        CompletableFuture<O> result = queued.getFuture();
        if (pool == null) {
            Refusals.unregistered(queued);
            return result;
        }
        if (!(pool.getJobQueue() instanceof JobQueue<I, O> jobs)) {
            return super.runJob(job);
        }
        if (Refusals.isRefusal(job.getInput())) {
            Refusals.answer(queued, (Output) job.getInput());
            return result;
        }
        if (!mayRun(pool)) {
            result.completeExceptionally(
                    new WlmShutdownException("All workers of " + model.getId() + " are shut down"));
            return result;
        }
        boolean staffed = jobs.isStaffed();
        if (!staffed && pool.isAllWorkerDied()) {
            result.completeExceptionally(
                    new WlmCapacityException("No worker of " + model.getId() + " is alive"));
        } else {
            result = add(jobs, queued);
        }
        if (!staffed || jobs.size() > 2 * model.getBatchSize()) {
            scaleUp(pool, jobs.size());
        }
        return result;
    }

    /** Whether a pool may have workers. */
    private static boolean mayRun(WorkerPool<?, ?> pool) {
        for (WorkerGroup<?, ?> group : pool.getWorkerGroups().values()) {
            if (group.getMaxWorkers() > 0) {
                return true;
            }
        }
        return false;
    }

    /** A request of a token-level model does not queue for a worker of the server's. */
    @SuppressWarnings("unchecked") // whoever puts an Input in expects an Output
    private <I, O> CompletableFuture<O> generate(Job<I, O> job) {
        String name = job.getWpc().getId();
        if (Refusals.isRefusal(job.getInput())) {
            return (CompletableFuture<O>) CompletableFuture.completedFuture(job.getInput());
        }
        HfxModel model = HfxModel.of(job.getWpc());
        if (model != null && model.lacksWorkers()) {
            return CompletableFuture.failedFuture(
                    new WlmShutdownException("Model " + name + " has no worker"));
        }
        if (job.getInput() instanceof Input input) {
            return (CompletableFuture<O>)
                    tokenLevelJobs.run(name, model == null ? null : model.service(), input);
        }
        return CompletableFuture.failedFuture(
                new WlmException("Model " + name + " takes inputs of HTTP only"));
    }

    private <I, O> CompletableFuture<O> add(JobQueue<I, O> jobs, WorkerJob<I, O> queued) {
        long nowNanos = clock.nanos();
        Job<I, O> job = queued.getJob();
        boolean staged = workflows.isStage(job.getWpc());
        RequestContext context;
        try {
            SloResolver resolver = models.resolver(job.getWpc());
            context = contexts.of(job.getInput(), resolver, job.getPriority(), nowNanos, staged);
        } catch (ApiException e) {
            int code = e.error().status();
            String message = e.error().message();
            Output answer = Refusals.output(code, "BadRequestException", message, "bad-request");
            if (staged) {
                contexts.end(job.getInput(), answer, nowNanos);
            }
            Refusals.answer(queued, answer);
            return queued.getFuture();
        }
        Output refusal = context.refusal();
        if (refusal != null) {
            Refusals.answer(queued, refusal);
            return queued.getFuture();
        }
        WatchedFuture<O> future = WatchedFuture.of(queued);
        if (future != null) {
            future.requestId(context.requestId());
        }
        // The next stage hangs on what is returned here, so it finds the context.
        CompletableFuture<O> returned =
                jobs.isAsynchronous()
                        ? queued.getFuture().whenComplete((o, e) -> jobs.returned(queued, o, e))
                        : queued.getFuture();
        CompletableFuture<O> result =
                staged ? returned.thenApply(o -> handOn(o, context)) : returned;
        long ageNanos = nowNanos - context.arrivalNanos();
        jobs.add(queued, context.sloClass(), context.priority(), ageNanos);
        return result;
    }

    private <O> O handOn(O output, RequestContext context) {
        if (Refusals.isRefusal(output)) {
            context.refused().compareAndSet(null, (Output) output);
        } else {
            contexts.handOn(output, context);
        }
        return output;
    }

    private static Set<String> running(WorkerPool<?, ?> pool) {
        return pool.getWorkers().stream()
                .filter(WorkerThread::isRunning)
                .map(WorkerThread::getWorkerId)
                .collect(Collectors.toSet());
    }

    /** As the server does: where no worker runs, or more jobs wait than two batches. */
    private void scaleUp(WorkerPool<?, ?> pool, int waiting) {
        WorkerPoolConfig<?, ?> model = pool.getWpc();
        int most = pool.getMaxWorkers();
        int workers = getNumRunningWorkers(model);
        if (workers == 0) {
            regrowth.attempt(pool);
            return;
        }
        if (workers >= most || waiting <= 2 * model.getBatchSize()) {
            return;
        }
        try {
            synchronized (pool) {
                workers = getNumRunningWorkers(model);
                if (workers < most) {
                    LOG.info("model {}: one worker more than {}", model.getId(), workers);
                    internals.addWorker(pool);
                }
            }
        } catch (RuntimeException e) {
            // the job is queued: others may run it
            LOG.error("model {} gets no worker", model.getId(), e);
        }
    }

    @Override
    public void unregisterWorkerPool(WorkerPoolConfig<?, ?> model) {
        WorkerPool<?, ?> pool = getWorkerPool(model);
        if (pool == null) {
            return; // its configuration was refused
        }
        super.unregisterWorkerPool(model);
        if (getWorkerPool(model) != pool) {
            models.forget(model);
            regrowth.worked(pool);
            closeQueue(pool);
            server.end(model);
        }
    }

    private <I, O> void closeQueue(WorkerPool<I, O> pool) {
        if (pool.getJobQueue() instanceof JobQueue<I, O> queue) {
            close(queue);
        }
    }

    private <I, O> void close(JobQueue<I, O> queue) {
        queues.remove(queue);
        queue.close(Refusals::unregistered);
    }

    @Override
    public void close() {
        patrol.close();
        super.close();
        queues.forEach(this::close);
        clock.close();
    }
}
