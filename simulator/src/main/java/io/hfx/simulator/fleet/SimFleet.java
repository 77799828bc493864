package io.hfx.simulator.fleet;

import io.hfx.engine.prefix.PrefixStats;
import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.time.VirtualTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Runs requests through a dispatcher and its workers in virtual time. Memory is bounded by what is
 * in flight. At the end it checks that nothing is stranded, that all KV is back, and its books. One
 * instance, one run.
 */
public final class SimFleet {
    /** A simulation that begins no step and ends no request in so many tasks never will. */
    private static final long MOST_IDLE_TASKS = 1 << 20;

    /** Hears every event and what it led to, in order. */
    public interface Log {
        Log NONE = new Log() {};

        default void fleet(FleetEvent event, List<FleetCommand> commands) {}

        default void worker(WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {}
    }

    private final SimSettings settings;
    private final Log log;
    private final Decision.@Nullable Listener decisions;
    private final VirtualTime time = new VirtualTime();
    private final SimNetwork network;
    private final SplittableRandom transferLosses;
    private final Dispatcher dispatcher;
    private final @Nullable SimCache cache;
    private final WorkerPark workers = new WorkerPark(time);
    private final Map<Long, Flight> flights = new HashMap<>();
    private final Books books = new Books();
    private Consumer<SimOutcome> sink = outcome -> {};
    private @Nullable SimFailures failures;
    private boolean allCame;
    private long wakeNumber;
    private long ended;

    public SimFleet(SimSettings settings, Log log) {
        this(settings, log, null);
    }

    /**
     * @param decisions hears of all that dispatcher and planners decide; null for none
     */
    public SimFleet(SimSettings settings, Log log, Decision.@Nullable Listener decisions) {
        this.settings = settings;
        this.log = log;
        this.decisions = decisions;
        this.network = new SimNetwork(time, settings.network().bytesPerSecond());
        this.transferLosses = new SplittableRandom(~settings.seed());
        this.cache = SimCache.of(settings.cacheTokens());
        this.dispatcher =
                new Dispatcher(
                        settings.policy().fleet(settings.config()), settings.limits(), decisions);
        settings.workers().forEach(worker -> joinWorkerAt(0, worker));
    }

    /** Adds a worker at a time. */
    public SimFleet joinWorkerAt(long atNanos, SimWorkerSpec worker) {
        time.at(atNanos, () -> join(worker));
        return this;
    }

    /** Loses a worker at a time: its KV is gone, and what it held is bound anew. */
    public SimFleet loseWorkerAt(long atNanos, WorkerId id) {
        time.at(atNanos, () -> lose(id));
        return this;
    }

    /**
     * Lets a worker leave at a time: it gets no new work, and what runs there ends there or, after
     * the grace time, goes on elsewhere. Checks that it holds nothing when it ends.
     */
    public SimFleet drainWorkerAt(long atNanos, WorkerId id, long graceNanos) {
        time.at(
                atNanos,
                () -> tell(new FleetEvent.WorkerDraining(time.nowNanos(), id, graceNanos)));
        return this;
    }

    /** Lets workers fail and be replaced at random, until all requests are over. */
    public SimFleet failing(FailureSpec spec) {
        failures = new SimFailures(time, spec, settings.seed(), new Failing());
        return this;
    }

    /**
     * Runs all requests to their end.
     *
     * @return what became of them, in the order given
     * @throws IllegalStateException as {@link #run(Iterator, Consumer)}
     */
    public List<SimOutcome> run(List<SimRequest> requests) {
        Map<Long, @Nullable SimOutcome> outcomes = new LinkedHashMap<>();
        requests.forEach(r -> outcomes.put(r.spec().id(), null));
        run(requests.iterator(), o -> outcomes.put(o.request().spec().id(), o));
        return List.copyOf(outcomes.values());
    }

    /**
     * Runs requests to their end as they come.
     *
     * @param requests ascending in their arrival; asked for the next when the one before arrives
     * @param outcomes hears of each when it is over, in that order
     * @throws IllegalStateException if a request is stranded, KV is not given back, or the books do
     *     not balance
     */
    public RunTotals run(Iterator<SimRequest> requests, Consumer<SimOutcome> outcomes) {
        sink = outcomes;
        expectNext(requests);
        long tasks = runAll();
        assertNothingStranded();
        return books.totals(
                workers.steps(),
                tasks,
                workers.busyNanos(),
                workers.presentNanos(books.endNanos()),
                workers.errors(),
                cache == null ? PrefixStats.NONE : cache.store().stats());
    }

    private long runAll() {
        long tasks = 0;
        long done = 0;
        while (time.runNext()) {
            tasks++;
            if (tasks % MOST_IDLE_TASKS == 0) {
                long doneNow = workers.steps() + ended;
                if (doneNow == done) {
                    throw new IllegalStateException(flights.size() + " requests make no progress");
                }
                done = doneNow;
            }
        }
        return tasks;
    }

    private void expectNext(Iterator<SimRequest> requests) {
        if (requests.hasNext()) {
            SimRequest next = requests.next();
            time.at(
                    next.arrivalNanos(),
                    () -> {
                        expectNext(requests);
                        arrive(next);
                    });
        } else {
            allCame = true;
        }
    }

    private void arrive(SimRequest request) {
        long id = request.spec().id();
        Flight flight = new Flight(request);
        if (flights.putIfAbsent(id, flight) != null) {
            throw new IllegalArgumentException("two requests have the id " + id);
        }
        books.arrived(time.nowNanos());
        if (request.cancelAfterNanos() != Long.MAX_VALUE) {
            time.after(request.cancelAfterNanos(), () -> leave(flight));
        }
        RequestSpec spec = cache == null ? request.spec() : cache.looked(request);
        tell(new FleetEvent.Arrived(time.nowNanos(), spec, 0));
    }

    private void leave(Flight flight) {
        long id = flight.request().spec().id();
        if (flights.get(id) == flight) {
            flight.cancel();
            tell(new FleetEvent.Cancelled(time.nowNanos(), id));
        }
    }

    private void join(SimWorkerSpec worker) {
        WorkerId id = worker.spec().id();
        workers.add(
                id,
                new SimWorker(
                        worker,
                        settings.policy().step(settings.config()),
                        settings.seed(),
                        time,
                        this::flight,
                        cache == null ? null : new SimPrefixes(cache),
                        new Outlet(id),
                        decisions));
        tell(new FleetEvent.WorkerJoined(time.nowNanos(), worker.spec()));
        if (failures != null) {
            failures.joined(worker);
        }
    }

    private void lose(WorkerId id) {
        if (workers.remove(id)) {
            List<Progress> progress = new ArrayList<>();
            for (Flight flight : flights.values()) {
                if (flight.hasTokens()) {
                    progress.add(flight.progress());
                }
            }
            tell(new FleetEvent.WorkerLost(time.nowNanos(), id, progress));
        }
    }

    private void tell(FleetEvent event) {
        List<FleetCommand> commands = dispatcher.on(event);
        log.fleet(event, commands);
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Send send) {
                deliver(send.worker(), send.order());
            } else if (command instanceof FleetCommand.Refuse refuse) {
                Flight flight = flight(refuse.requestId());
                end(flight, flight.refused(refuse.reason()));
            } else if (command instanceof FleetCommand.Forget forget) {
                Flight flight = flight(forget.requestId());
                end(flight, flight.ended());
            } else if (command instanceof FleetCommand.Retire retire) {
                retire(retire.worker());
            } else if (command instanceof FleetCommand.Wake wake) {
                long number = ++wakeNumber;
                time.after(wake.afterNanos(), () -> wake(number));
            }
        }
    }

    /** Once the last orders are there. */
    private void retire(WorkerId id) {
        time.after(
                settings.network().messageDelayNanos(),
                () -> {
                    SimWorker worker = workers.get(id);
                    if (worker != null) {
                        worker.assertAllGivenBack();
                        workers.remove(id);
                    }
                });
    }

    private void end(Flight flight, SimOutcome outcome) {
        flights.remove(flight.request().spec().id());
        ended++;
        books.over(outcome, flight.tokens(), time.nowNanos());
        sink.accept(outcome);
    }

    private void wake(long number) {
        if (number == wakeNumber) {
            tell(new FleetEvent.Woken(time.nowNanos()));
        }
    }

    private void deliver(WorkerId id, WorkerOrder order) {
        time.after(
                settings.network().messageDelayNanos(),
                () -> {
                    SimWorker worker = workers.get(id);
                    if (worker != null) {
                        worker.order(order);
                    }
                });
    }

    private Flight flight(long requestId) {
        Flight flight = flights.get(requestId);
        if (flight == null) {
            throw new IllegalStateException("no request " + requestId + " is unfinished");
        }
        return flight;
    }

    private void assertNothingStranded() {
        if (!flights.isEmpty()) {
            throw new IllegalStateException(
                    "stranded: " + flights.values().iterator().next().request());
        }
        if (dispatcher.waiting() + dispatcher.bound() > 0) {
            throw new IllegalStateException("the dispatcher still holds requests");
        }
        books.check();
        workers.check(books.endNanos());
        if (cache != null) {
            cache.check();
        }
    }

    private final class Failing implements SimFailures.Fleet {
        @Override
        public boolean isOver() {
            return allCame && flights.isEmpty();
        }

        @Override
        public void join(SimWorkerSpec worker) {
            SimFleet.this.join(worker);
        }

        @Override
        public void lose(WorkerId id) {
            SimFleet.this.lose(id);
        }
    }

    private final class Outlet implements SimWorker.Outlet {
        private final WorkerId id;

        Outlet(WorkerId id) {
            this.id = id;
        }

        @Override
        public void report(StepReport report) {
            time.after(
                    settings.network().messageDelayNanos(),
                    () -> {
                        if (workers.get(id) != null) {
                            tell(new FleetEvent.Reported(time.nowNanos(), report));
                        }
                    });
        }

        @Override
        public void fetch(WorkerCommand.Fetch fetch) {
            long tokens = fetch.pieces().stream().mapToLong(WorkerCommand.Piece::tokens).sum();
            long bytes = tokens * settings.network().kvTokenBytes();
            network.transfer(fetch.from(), id, bytes, () -> fetched(fetch));
        }

        private void fetched(WorkerCommand.Fetch fetch) {
            SimWorker source = workers.get(fetch.from());
            SimWorker target = workers.get(id);
            boolean arrives = transferLosses.nextDouble() >= settings.network().lossShare();
            if (target != null) {
                target.fetched(fetch, arrives && source != null && source.holds(fetch));
            }
        }

        @Override
        public void logged(WorkerEvent event, List<WorkerCommand> commands) {
            log.worker(id, event, commands);
        }
    }
}
