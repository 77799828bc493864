package io.hfx.simulator.fleet;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SequenceTimeline;
import io.hfx.scheduler.time.VirtualTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests through a dispatcher and its workers in virtual time. At the end it checks that
 * nothing is stranded and that all KV is back. One instance, one run.
 */
public final class SimFleet {
    private static final long MOST_TASKS = 200_000_000;

    /** Hears every event and what it led to, in order. */
    public interface Log {
        Log NONE = new Log() {};

        default void fleet(FleetEvent event, List<FleetCommand> commands) {}

        default void worker(WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {}
    }

    private final SimSettings settings;
    private final Log log;
    private final VirtualTime time = new VirtualTime();
    private final Dispatcher dispatcher;
    private final Map<WorkerId, SimWorker> workers = new LinkedHashMap<>();
    private final Map<Long, Fate> fates = new LinkedHashMap<>();
    private long wakeNumber;

    public SimFleet(SimSettings settings, Log log) {
        this.settings = settings;
        this.log = log;
        this.dispatcher =
                new Dispatcher(settings.policy().fleet(settings.config()), settings.limits());
        for (WorkerSpec spec : settings.workers()) {
            workers.put(spec.id(), worker(spec));
            time.at(0, () -> tell(new FleetEvent.WorkerJoined(time.nowNanos(), spec)));
        }
    }

    /** Loses a worker at a time: its KV is gone, and what it held is bound anew. */
    public SimFleet loseWorkerAt(long atNanos, WorkerId id) {
        time.at(atNanos, () -> lose(id));
        return this;
    }

    /**
     * Runs all requests to their end.
     *
     * @return what became of them, in the order given
     * @throws IllegalStateException if a request is stranded or KV is not given back
     */
    public List<SimOutcome> run(List<SimRequest> requests) {
        for (SimRequest request : requests) {
            fates.put(request.spec().id(), new Fate(request));
            time.at(request.arrivalNanos(), () -> arrive(request));
            if (request.cancelAfterNanos() != Long.MAX_VALUE) {
                time.at(request.arrivalNanos() + request.cancelAfterNanos(), () -> leave(request));
            }
        }
        time.run(MOST_TASKS);
        assertNothingStranded();
        return fates.values().stream().map(Fate::outcome).toList();
    }

    /** Virtual time at the end of the run. */
    public long endNanos() {
        return time.nowNanos();
    }

    private SimWorker worker(WorkerSpec spec) {
        return new SimWorker(
                spec,
                settings.policy().step(settings.config()),
                settings,
                time,
                id -> fate(id).request,
                new Outlet(spec.id()));
    }

    private void arrive(SimRequest request) {
        tell(new FleetEvent.Arrived(time.nowNanos(), request.spec(), 0));
    }

    private void leave(SimRequest request) {
        Fate fate = fate(request.spec().id());
        if (!fate.over) {
            fate.cancelled = true;
            tell(new FleetEvent.Cancelled(time.nowNanos(), request.spec().id()));
        }
    }

    private void lose(WorkerId id) {
        SimWorker worker = workers.remove(id);
        if (worker == null) {
            return;
        }
        worker.lose();
        List<Progress> progress = new ArrayList<>();
        for (Fate fate : fates.values()) {
            if (!fate.over && fate.tokens() > 0) {
                progress.add(new Progress(fate.request.spec().id(), fate.progress()));
            }
        }
        tell(new FleetEvent.WorkerLost(time.nowNanos(), id, progress));
    }

    private void tell(FleetEvent event) {
        List<FleetCommand> commands = dispatcher.on(event);
        log.fleet(event, commands);
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Send send) {
                deliver(send.worker(), send.order());
            } else if (command instanceof FleetCommand.Refuse refuse) {
                fate(refuse.requestId()).refuse(refuse.reason());
            } else if (command instanceof FleetCommand.Forget forget) {
                fate(forget.requestId()).over = true;
            } else if (command instanceof FleetCommand.Wake wake) {
                long number = ++wakeNumber;
                time.after(wake.afterNanos(), () -> wake(number));
            }
        }
    }

    private void wake(long number) {
        if (number == wakeNumber) {
            tell(new FleetEvent.Woken(time.nowNanos()));
        }
    }

    private void deliver(WorkerId id, WorkerOrder order) {
        time.after(
                settings.messageDelayNanos(),
                () -> {
                    SimWorker worker = workers.get(id);
                    if (worker == null) {
                        return;
                    }
                    if (order instanceof WorkerOrder.Bind bind) {
                        prepare(worker, bind);
                    }
                    LongFunction<WorkerEvent> event = at -> new WorkerEvent.Ordered(at, order);
                    worker.deliver(event);
                });
    }

    private static void prepare(SimWorker worker, WorkerOrder.Bind bind) {
        for (int i = 0; i < bind.generated().size(); i++) {
            worker.continues(
                    new SequenceKey(bind.request().id(), i), Math.max(0, bind.generated().get(i)));
        }
    }

    private Fate fate(long requestId) {
        Fate fate = fates.get(requestId);
        if (fate == null) {
            throw new IllegalStateException("no request " + requestId);
        }
        return fate;
    }

    private void assertNothingStranded() {
        for (Fate fate : fates.values()) {
            if (!fate.over) {
                throw new IllegalStateException("stranded: " + fate.request);
            }
        }
        if (dispatcher.waiting() + dispatcher.bound() > 0) {
            throw new IllegalStateException("the dispatcher still holds requests");
        }
        workers.values().forEach(SimWorker::assertAllGivenBack);
    }

    private final class Outlet implements SimWorker.Outlet {
        private final WorkerId id;

        Outlet(WorkerId id) {
            this.id = id;
        }

        @Override
        public void report(StepReport report) {
            time.after(
                    settings.messageDelayNanos(),
                    () -> {
                        if (workers.containsKey(id)) {
                            tell(new FleetEvent.Reported(time.nowNanos(), report));
                        }
                    });
        }

        @Override
        public void token(SequenceKey sequence) {
            fate(sequence.requestId()).token(sequence.index(), time.nowNanos());
        }

        @Override
        public void released(SequenceKey sequence, WorkerCommand.Cause cause) {
            if (cause == WorkerCommand.Cause.ENDED || cause == WorkerCommand.Cause.LENGTH) {
                fate(sequence.requestId()).complete(sequence.index());
            }
        }

        @Override
        public void logged(WorkerEvent event, List<WorkerCommand> commands) {
            log.worker(id, event, commands);
        }
    }

    /** What is known of one request while it runs. */
    private static final class Fate {
        private final SimRequest request;
        private final List<List<Long>> tokenNanos = new ArrayList<>();
        private final boolean[] complete;
        private @Nullable RefusalReason refused;
        private boolean cancelled;
        private boolean over;

        Fate(SimRequest request) {
            this.request = request;
            int sequences = request.spec().sequences();
            this.complete = new boolean[sequences];
            for (int i = 0; i < sequences; i++) {
                tokenNanos.add(new ArrayList<>());
            }
        }

        void token(int sequence, long atNanos) {
            if (complete[sequence] || over) {
                throw new IllegalStateException("token after the end: " + request);
            }
            tokenNanos.get(sequence).add(atNanos - request.arrivalNanos());
        }

        void complete(int sequence) {
            if (complete[sequence]) {
                throw new IllegalStateException("sequence ends twice: " + request);
            }
            complete[sequence] = true;
        }

        void refuse(RefusalReason reason) {
            if (over || tokens() > 0) {
                throw new IllegalStateException("refused after it began: " + request);
            }
            refused = reason;
            over = true;
        }

        int tokens() {
            return tokenNanos.stream().mapToInt(List::size).sum();
        }

        List<Integer> progress() {
            List<Integer> progress = new ArrayList<>();
            for (int i = 0; i < complete.length; i++) {
                progress.add(complete[i] ? Progress.ENDED : tokenNanos.get(i).size());
            }
            return progress;
        }

        SimOutcome outcome() {
            List<SequenceTimeline> timelines = new ArrayList<>();
            for (int i = 0; i < complete.length && refused == null && !cancelled; i++) {
                if (tokenNanos.get(i).size() != request.outputTokens()) {
                    throw new IllegalStateException(
                            "sequence " + i + " has " + tokenNanos.get(i).size() + ": " + request);
                }
                timelines.add(
                        new SequenceTimeline(
                                tokenNanos.get(i).stream().mapToLong(Long::longValue).toArray()));
            }
            return new SimOutcome(request, timelines, refused, cancelled);
        }
    }
}
