package io.hfx.plugin.live;

import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.prefix.PrefixStats;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.engine.prefix.TokenSource;
import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import io.hfx.plugin.service.WorkerFailure;
import io.hfx.plugin.trace.TraceEvent;
import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A served model, live: one dispatcher and its workers, all in this process. Workers may come and
 * go while it serves; without any, requests are refused. Thread-safe.
 *
 * <p>When a worker fails, the requests that it failed with end with an error; the others are bound
 * anew with the tokens that their clients already have, and a fresh worker with a KV pool of its
 * own takes its place. See {@link RestartLimits}.
 */
public final class LiveModelService implements ModelService {
    private static final Logger LOG = LoggerFactory.getLogger(LiveModelService.class);

    /** Reason of a refusal where no worker serves, and none is on its way. */
    public static final String NO_WORKER = "no-worker";

    private final ServedModel model;
    private final LiveSettings settings;
    private final int workerCount;
    private final Map<Long, ActiveRequest> active = new ConcurrentHashMap<>();
    private final WorkerFleet workers;
    private final DispatcherLoop dispatcher;
    private final @Nullable PrefixStore prefixes;

    /** Nothing is left to do; counts only while the service ends. */
    private final CountDownLatch idle = new CountDownLatch(1);

    /** Why nothing is served now; null while it is. */
    private volatile @Nullable Refusal unavailable =
            new Refusal(503, NO_WORKER, "the model has no worker", 0);

    private volatile boolean failed;

    /** Set once, with the last reason: nothing will be served any more. */
    private volatile boolean ending;

    private boolean closed;

    /**
     * Makes the service; it serves once {@link #start} has returned.
     *
     * @param model what the front must know
     * @param executors makes the executor of one worker, not shared; closed with that worker. Asked
     *     again for each worker that is replaced; any thread
     * @param workers number of workers at the start; more may be {@linkplain #addWorker added}
     * @param endTokens ids that end a sequence
     * @param log hears every event; {@link LoopLog#NONE} for none
     */
    public LiveModelService(
            ServedModel model,
            Supplier<? extends TokenExecutor> executors,
            int workers,
            List<Integer> endTokens,
            LiveSettings settings,
            LoopLog log) {
        this(model, executors, workers, endTokens, settings, log, null);
    }

    /**
     * As above, with a prefix cache that all workers share.
     *
     * @param prefixes of the model that the executors run; null for none
     */
    public LiveModelService(
            ServedModel model,
            Supplier<? extends TokenExecutor> executors,
            int workers,
            List<Integer> endTokens,
            LiveSettings settings,
            LoopLog log,
            @Nullable PrefixStore prefixes) {
        this.model = model;
        this.prefixes = prefixes;
        this.settings = settings;
        this.workerCount = workers;
        this.workers =
                new WorkerFleet(
                        new WorkerFactory(
                                settings,
                                executors,
                                endTokens,
                                active::get,
                                new FromWorker(),
                                log,
                                prefixes,
                                this::decided),
                        settings.restarts(),
                        new FromFleet());
        this.dispatcher =
                new DispatcherLoop(
                        "hfx-dispatcher",
                        new Dispatcher(
                                settings.policy().fleet(settings.config()),
                                settings.limits(),
                                this::decided),
                        new FromDispatcher(),
                        log);
    }

    /**
     * Calibrates the workers and starts all threads; the fast form of the model is built meanwhile.
     * Takes a while; call once. What it throws, it throws closed.
     */
    public LiveModelService start() {
        try {
            dispatcher.start();
            workers.start(workerCount);
            return this;
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    /**
     * One worker more. It is made in the background and serves when it is calibrated; never blocks.
     *
     * @throws IllegalStateException if the service is closed
     */
    public WorkerHandle addWorker() {
        WorkerPlace place = workers.add();
        return new WorkerHandle() {
            @Override
            public CompletionStage<Void> ready() {
                return place.ready().minimalCompletionStage();
            }

            @Override
            public CompletionStage<Void> drain(long graceNanos) {
                workers.drain(place, graceNanos);
                return place.left().minimalCompletionStage();
            }

            @Override
            public WorkerStatus status() {
                return workers.status(place);
            }
        };
    }

    /** Whether nothing is served because every worker failed too often. */
    public boolean hasFailed() {
        return failed;
    }

    @Override
    public @Nullable Refusal unavailable() {
        return unavailable;
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public void submit(GenerationRequest request, GenerationListener listener) {
        ActiveRequest entry = new ActiveRequest(request, listener);
        Refusal refusal = unavailable;
        if (refusal != null) {
            entry.refused(refusal);
            return;
        }
        if (active.putIfAbsent(request.id(), entry) != null) {
            throw new IllegalArgumentException("request " + request.id() + " came twice");
        }
        entry.decided(new TraceEvent.Queued(System.nanoTime(), dispatcher.waiting()));
        RequestSpec spec = entry.spec(cachedTokens(request));
        dispatcher.tell(
                at -> new FleetEvent.Arrived(at, spec, Math.max(0, at - request.readAtNanos())));
        Refusal meanwhile = unavailable;
        if (meanwhile != null && remove(request.id()) != null) {
            entry.refused(meanwhile);
            dispatcher.tell(at -> new FleetEvent.Cancelled(at, request.id()));
        }
    }

    /** By any state machine, on its thread. A refusal is taken down where it is answered. */
    private void decided(Decision decision) {
        ActiveRequest entry = active.get(decision.requestId());
        if (entry != null && decision.what() != Decision.What.REFUSED) {
            entry.decided(new TraceEvent.Decided(decision));
        }
    }

    /** What the cache has of each prompt now: a guess of what it will have when the prompt runs. */
    private List<Integer> cachedTokens(GenerationRequest request) {
        PrefixStore store = prefixes;
        String scope = request.cacheScope();
        if (store == null || scope == null) {
            return List.of();
        }
        List<Integer> tokens = new ArrayList<>();
        for (int[] prompt : request.prompts()) {
            TokenSource ids = (from, count) -> Arrays.copyOfRange(prompt, from, from + count);
            tokens.add(store.look(store.chain(scope, ids), prompt.length - 1));
        }
        return tokens;
    }

    @Override
    public void cancel(long requestId) {
        ActiveRequest entry = active.get(requestId);
        if (entry != null) {
            entry.cancelled();
            dispatcher.tell(at -> new FleetEvent.Cancelled(at, requestId));
        }
    }

    @Override
    public void stop(long requestId, int sequence) {
        ActiveRequest entry = active.get(requestId);
        if (entry != null) {
            entry.stop(sequence);
            WorkerLoop worker = entry.worker();
            if (worker != null) {
                SequenceKey key = new SequenceKey(requestId, sequence);
                worker.tell(at -> new WorkerEvent.SequenceStopped(at, key));
            }
        }
    }

    @Override
    public ServiceStatus status() {
        return new ServiceStatus(
                settings.policy().name(),
                dispatcher.waiting(),
                dispatcher.bound(),
                workers.statuses(),
                workers.failures(),
                workers.restarts(),
                prefixes == null ? PrefixStats.NONE : prefixes.stats());
    }

    @Override
    public void close() {
        close(new Refusal(503, "stopping", "the server is stopping", 0), 0);
    }

    /**
     * Ends the service: what waits is refused, what runs may end within a time, and then it fails.
     * Blocks until all workers are gone and their KV is free. A second call has no effect.
     *
     * @param why what clients read
     * @param graceNanos time for running requests; 0 for none
     */
    public void close(Refusal why, long graceNanos) {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        end(why);
        if (graceNanos > 0) {
            awaitIdle(graceNanos);
        }
        endAll(why.message()); // clients do not wait for threads to end
        dispatcher.close();
        workers.close();
        endAll(why.message());
    }

    /**
     * Begins the end, without blocking: nothing new is served, what waits is refused, what runs
     * goes on. {@link #close(Refusal, long)} is to follow. A second call has no effect.
     *
     * @param why what clients read
     */
    public void end(Refusal why) {
        synchronized (this) {
            if (ending) {
                return;
            }
            ending = true;
            unavailable = why;
        }
        dispatcher.tell(at -> new FleetEvent.Staffed(at, false));
    }

    private void awaitIdle(long graceNanos) {
        if (active.isEmpty()) {
            return;
        }
        try {
            boolean ended = idle.await(graceNanos, TimeUnit.NANOSECONDS);
            if (!ended) {
                LOG.info("{} requests did not end in time", active.size());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private @Nullable ActiveRequest remove(long id) {
        ActiveRequest entry = active.remove(id);
        if (ending && active.isEmpty()) {
            idle.countDown();
        }
        return entry;
    }

    /**
     * Says why nothing is served, or that it is; nothing changes any more once the end has begun.
     */
    private synchronized void available(@Nullable Refusal why) {
        if (!ending) {
            unavailable = why;
        }
    }

    /** Ends every request that is left; nothing is served any more. */
    private void endAll(String why) {
        List.copyOf(active.keySet()).forEach(id -> end(id, why));
    }

    private void end(long id, String why) {
        ActiveRequest entry = remove(id);
        if (entry != null) {
            end(entry, why);
            dispatcher.tell(at -> new FleetEvent.Cancelled(at, id));
        }
    }

    /** With a refusal where nothing of it was served, else with an error. */
    private void end(ActiveRequest entry, String why) {
        Refusal refusal = unavailable;
        if (refusal == null || entry.hasBegun()) {
            entry.failed(why);
        } else {
            entry.refused(refusal);
        }
    }

    private final class FromDispatcher implements DispatcherLoop.Outlet {
        @Override
        public void carryOut(FleetCommand command) {
            if (command instanceof FleetCommand.Send send) {
                deliver(send);
            } else if (command instanceof FleetCommand.Refuse refuse) {
                refuse(refuse);
            } else if (command instanceof FleetCommand.Forget forget) {
                remove(forget.requestId());
            } else if (command instanceof FleetCommand.Retire retire) {
                workers.retire(retire.worker());
            }
        }

        private void refuse(FleetCommand.Refuse refuse) {
            ActiveRequest entry = remove(refuse.requestId());
            if (entry == null) {
                return;
            }
            Refusal why = unavailable;
            if (refuse.reason() == RefusalReason.NO_WORKER && why != null) {
                end(entry, why.message());
            } else if (entry.hasBegun()) {
                entry.failed(Refusals.of(refuse).message());
            } else {
                entry.refused(Refusals.of(refuse));
            }
        }

        private void deliver(FleetCommand.Send send) {
            WorkerLoop worker = workers.find(send.worker());
            if (worker == null) {
                return; // lost: the dispatcher is about to hear of it
            }
            long requestId = send.order().requestId();
            ActiveRequest entry = active.get(requestId);
            if (entry != null) {
                entry.boundTo(worker); // before the worker can fail with it
            }
            long sentNanos = System.nanoTime();
            worker.tell(at -> new WorkerEvent.Ordered(at, send.order().aged(at - sentNanos)));
            List<Integer> stopping = entry == null ? List.of() : entry.stopping();
            for (int sequence : stopping) {
                SequenceKey key = new SequenceKey(requestId, sequence);
                worker.tell(at -> new WorkerEvent.SequenceStopped(at, key));
            }
        }

        @Override
        public void broken(Throwable cause) {
            available(new Refusal(503, "internal", "the scheduler failed", 0));
            ending = true;
            workers.close();
            endAll("the scheduler failed");
        }
    }

    private final class FromFleet implements WorkerFleet.Outlet {
        @Override
        public void joined(WorkerSpec worker) {
            dispatcher.tell(at -> new FleetEvent.WorkerJoined(at, worker));
        }

        @Override
        public void draining(WorkerId worker, long graceNanos) {
            dispatcher.tell(at -> new FleetEvent.WorkerDraining(at, worker, graceNanos));
        }

        @Override
        public void staffed() {
            failed = false;
            available(null);
            dispatcher.tell(at -> new FleetEvent.Staffed(at, true));
        }

        @Override
        public void unstaffed(boolean workersFailed) {
            failed = workersFailed;
            available(
                    new Refusal(
                            503,
                            NO_WORKER,
                            workersFailed
                                    ? "every worker failed too often"
                                    : "the model has no worker",
                            0));
            dispatcher.tell(at -> new FleetEvent.Staffed(at, false));
        }
    }

    private final class FromWorker implements WorkerLoop.Outlet {
        @Override
        public void report(StepReport report) {
            for (Progress back : report.handedBack()) {
                ActiveRequest entry = active.get(back.requestId());
                if (entry != null) {
                    entry.givenBackBy(workers.find(report.worker()));
                }
            }
            dispatcher.tell(at -> new FleetEvent.Reported(at, report));
        }

        @Override
        public void broken(WorkerLoop worker, Set<Long> concerned, Throwable error) {
            WorkerFailure cause = WorkerFailure.of(error);
            workers.remove(worker);
            List<Progress> progress = new ArrayList<>();
            for (ActiveRequest entry : active.values()) {
                if (!worker.equals(entry.worker())) {
                    continue;
                }
                entry.boundTo(null);
                long id = entry.request().id();
                if (concerned.contains(id)) {
                    entry.failed(cause.message());
                }
                Progress known = entry.progress();
                if (!entry.isUnfinished()) {
                    dispatcher.tell(at -> new FleetEvent.Cancelled(at, id));
                    continue;
                }
                if (entry.hasBegun()) {
                    progress.add(known);
                }
            }
            dispatcher.tell(at -> new FleetEvent.WorkerLost(at, worker.spec().id(), progress));
            workers.replace(worker, cause);
        }
    }
}
