package io.hfx.plugin.live;

import io.hfx.engine.executor.TokenExecutor;
import io.hfx.plugin.service.GenerationListener;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.service.ServedModel;
import io.hfx.plugin.service.ServiceStatus;
import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * A served model, live: one dispatcher and its workers, all in this process. Thread-safe.
 *
 * <p>When a worker fails, the requests in the failing step end with an error; the others are bound
 * anew with the tokens that their clients already have, and a fresh worker takes over the executor.
 */
public final class LiveModelService implements ModelService {
    private final ServedModel model;
    private final LiveSettings settings;
    private final WorkerFactory workerFactory;
    private final List<TokenExecutor> executors;
    private final Map<Long, ActiveRequest> active = new ConcurrentHashMap<>();
    private final Map<WorkerId, WorkerLoop> workers =
            new ConcurrentSkipListMap<>((a, b) -> a.name().compareTo(b.name()));
    private final DispatcherLoop dispatcher;
    private volatile boolean closed;

    /**
     * Makes the service; it serves once {@link #start} has returned.
     *
     * @param model what the front must know
     * @param executors one per worker, not shared; closed with the service
     * @param endTokens ids that end a sequence
     * @param log hears every event; {@link LoopLog#NONE} for none
     */
    public LiveModelService(
            ServedModel model,
            List<TokenExecutor> executors,
            List<Integer> endTokens,
            LiveSettings settings,
            LoopLog log) {
        this.model = model;
        this.settings = settings;
        this.executors = List.copyOf(executors);
        this.workerFactory =
                new WorkerFactory(settings, endTokens, active::get, new FromWorker(), log);
        this.dispatcher =
                new DispatcherLoop(
                        "hfx-dispatcher",
                        new Dispatcher(
                                settings.policy().fleet(settings.config()), settings.limits()),
                        new FromDispatcher(),
                        log);
    }

    /**
     * Calibrates the workers and starts all threads; the fast form of the model is built meanwhile.
     * Takes a while; call once.
     */
    public LiveModelService start() {
        dispatcher.start();
        for (TokenExecutor executor : executors) {
            join(workerFactory.create(executor));
        }
        executors.forEach(TokenExecutor::optimise);
        return this;
    }

    @Override
    public ServedModel model() {
        return model;
    }

    @Override
    public void submit(GenerationRequest request, GenerationListener listener) {
        ActiveRequest entry = new ActiveRequest(request, listener);
        if (closed) {
            entry.refused(stopping());
            return;
        }
        if (active.putIfAbsent(request.id(), entry) != null) {
            throw new IllegalArgumentException("request " + request.id() + " came twice");
        }
        dispatcher.tell(
                at ->
                        new FleetEvent.Arrived(
                                at, entry.spec(), Math.max(0, at - request.readAtNanos())));
        if (closed && active.remove(request.id()) != null) {
            entry.refused(stopping());
        }
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
        WorkerLoop worker = entry == null ? null : entry.worker();
        if (worker != null) {
            SequenceKey key = new SequenceKey(requestId, sequence);
            worker.tell(at -> new WorkerEvent.SequenceStopped(at, key));
        }
    }

    @Override
    public ServiceStatus status() {
        return new ServiceStatus(
                settings.policy().name(),
                dispatcher.waiting(),
                dispatcher.bound(),
                closed ? List.of() : workers.values().stream().map(WorkerLoop::status).toList());
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        dispatcher.close();
        workers.values().forEach(WorkerLoop::close);
        for (ActiveRequest entry : active.values()) {
            if (entry.hasBegun()) {
                entry.failed("the server is stopping");
            } else {
                entry.refused(stopping());
            }
        }
        active.clear();
        executors.forEach(TokenExecutor::close);
    }

    private static Refusal stopping() {
        return new Refusal(503, "stopping", "the server is stopping", 0);
    }

    private void join(WorkerLoop worker) {
        workers.put(worker.spec().id(), worker);
        worker.start();
        dispatcher.tell(at -> new FleetEvent.WorkerJoined(at, worker.spec()));
    }

    private final class FromDispatcher implements DispatcherLoop.Outlet {
        @Override
        public void carryOut(FleetCommand command) {
            if (command instanceof FleetCommand.Send send) {
                deliver(send);
            } else if (command instanceof FleetCommand.Refuse refuse) {
                ActiveRequest entry = active.remove(refuse.requestId());
                if (entry != null) {
                    entry.refused(Refusals.of(refuse));
                }
            } else if (command instanceof FleetCommand.Forget forget) {
                active.remove(forget.requestId());
            }
        }

        private void deliver(FleetCommand.Send send) {
            WorkerLoop worker = workers.get(send.worker());
            ActiveRequest entry = active.get(send.order().requestId());
            if (worker == null) {
                return;
            }
            if (entry != null) {
                entry.boundTo(worker);
            }
            worker.tell(at -> new WorkerEvent.Ordered(at, send.order()));
        }

        @Override
        public void broken(RuntimeException cause) {
            closed = true;
            active.values().forEach(e -> e.failed("the scheduler failed: " + cause));
        }
    }

    private final class FromWorker implements WorkerLoop.Outlet {
        @Override
        public void report(StepReport report) {
            dispatcher.tell(at -> new FleetEvent.Reported(at, report));
        }

        @Override
        public void broken(WorkerId id, List<Long> inStep, Throwable cause) {
            WorkerLoop worker = workers.remove(id);
            for (long requestId : inStep) {
                ActiveRequest entry = active.get(requestId);
                if (entry != null) {
                    entry.failed("the worker failed: " + cause);
                    dispatcher.tell(at -> new FleetEvent.Cancelled(at, requestId));
                }
            }
            List<Progress> progress = new ArrayList<>();
            for (ActiveRequest entry : active.values()) {
                if (worker != null && worker.equals(entry.worker()) && entry.hasBegun()) {
                    progress.add(entry.progress());
                }
            }
            dispatcher.tell(at -> new FleetEvent.WorkerLost(at, id, progress));
            if (worker != null && !closed && workerFactory.mayReplace()) {
                join(workerFactory.create(worker.executor()));
            }
        }
    }
}
