package io.hfx.simulator.fleet;

import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerCommand.Cause;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.step.StepPlanner;
import io.hfx.scheduler.time.VirtualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A worker's loop in virtual time: runs the slices of each step and takes its inbox in between. It
 * keeps count of the KV that it holds apart from the planner, and of its own time.
 */
final class SimWorker {
    /** Hears what a worker gives out. */
    interface Outlet {
        void report(StepReport report);

        void fetch(WorkerCommand.Fetch fetch);

        void logged(WorkerEvent event, List<WorkerCommand> commands);
    }

    private final SimWorkerSpec spec;
    private final StepTiming timing;
    private final StepTimes times;
    private final StepPlanner planner;
    private final VirtualTime time;
    private final Outlet outlet;
    private final LongFunction<Flight> flights;
    private final @Nullable SimPrefixes prefixes;
    private final SplittableRandom random;
    private final Deque<LongFunction<WorkerEvent>> inbox = new ArrayDeque<>();
    private final SimKv kv;
    private final Map<SequenceKey, Flight> here = new HashMap<>();
    private @Nullable Step running;
    private @Nullable Step suspended;
    private boolean lost;
    private long busyUntilNanos;
    private double restoringNanos;

    /** When what the last step has filled is in the prefix cache. */
    private long storedAtNanos;

    private long busyNanos;
    private long steps;
    private final PredictionErrors errors = new PredictionErrors();

    SimWorker(
            SimWorkerSpec spec,
            StepPolicy policy,
            long seed,
            VirtualTime time,
            LongFunction<Flight> flights,
            @Nullable SimPrefixes prefixes,
            Outlet outlet,
            Decision.@Nullable Listener decisions) {
        this.spec = spec;
        this.timing = spec.timing();
        this.times = Objects.requireNonNullElse(spec.times(), this::drawn);
        this.planner = new StepPlanner(spec.spec(), policy, decisions);
        this.time = time;
        this.flights = flights;
        this.prefixes = prefixes;
        this.outlet = outlet;
        this.random = new SplittableRandom(seed ^ spec.spec().id().name().hashCode());
        this.kv = new SimKv(spec.spec().kv());
    }

    /** Steps begun. */
    long steps() {
        return steps;
    }

    /** Of its latency model, over the steps begun. */
    PredictionErrors errors() {
        return errors;
    }

    /** Time in which a step ran, overhead included. */
    long busyNanos() {
        return busyNanos;
    }

    /** Puts an order into the inbox; it is taken in now, or after the running slice. */
    void order(WorkerOrder order) {
        long cameNanos = time.nowNanos();
        deliver(at -> new WorkerEvent.Ordered(at, prepare(order.aged(at - cameNanos))));
    }

    /** A transfer to this worker is over. */
    void fetched(WorkerCommand.Fetch fetch, boolean complete) {
        deliver(
                at -> {
                    if (complete) {
                        fetch.pieces().forEach(p -> kv.grow(p.sequence(), p.tokens()));
                    }
                    return new WorkerEvent.Fetched(at, fetch.requestId(), complete);
                });
    }

    /** Whether it has all of that KV, and nobody changes it. */
    boolean holds(WorkerCommand.Fetch fetch) {
        return fetch.pieces().stream().allMatch(p -> kv.tokens(p.sequence()) == p.tokens());
    }

    void lose() {
        lost = true;
        if (prefixes != null) {
            prefixes.close();
        }
    }

    void assertAllGivenBack() {
        boolean all = planner.freeKvUnits() == spec.spec().kv().totalUnits() && kv.isEmpty();
        if (!all || planner.unfinished() > 0 || !here.isEmpty()) {
            throw new IllegalStateException(
                    spec.spec().id()
                            + " ends with "
                            + planner.unfinished()
                            + " sequences and KV of "
                            + kv);
        }
    }

    private void deliver(LongFunction<WorkerEvent> event) {
        inbox.add(event);
        if (running == null) {
            drain();
        }
    }

    private void drain() {
        while (!inbox.isEmpty() && !lost) {
            tell(inbox.remove().apply(time.nowNanos()));
        }
    }

    /**
     * Knows the sequences of a request before the planner hears of it.
     *
     * @return what the planner is to hear: with what the prefix cache has, where there is one
     */
    private WorkerOrder prepare(WorkerOrder order) {
        if (order instanceof WorkerOrder.Bind bind) {
            Flight flight = flights.apply(bind.requestId());
            List<SequenceKey> keys = enter(flight, bind.generated());
            return prefixes == null ? bind : prefixes.come(bind, flight, keys);
        }
        if (order instanceof WorkerOrder.Import wanted) {
            Flight flight = flights.apply(wanted.requestId());
            for (SequenceKey key : enter(flight, wanted.state().generated())) {
                if (prefixes != null) {
                    prefixes.arrive(key, flight);
                }
            }
        }
        return order;
    }

    /** The sequences of a request that have not ended. */
    private List<SequenceKey> enter(Flight flight, List<Integer> generated) {
        RequestSpec request = flight.request().spec();
        List<SequenceKey> keys = new ArrayList<>();
        for (int i = 0; i < request.sequences(); i++) {
            if (generated.isEmpty() || generated.get(i) != Progress.ENDED) {
                keys.add(new SequenceKey(request.id(), i));
            }
        }
        keys.forEach(key -> here.put(key, flight));
        return keys;
    }

    private void tell(WorkerEvent event) {
        List<WorkerCommand> commands = planner.on(event);
        outlet.logged(event, commands);
        commands.forEach(this::carryOut);
    }

    private void carryOut(WorkerCommand command) {
        if (command instanceof WorkerCommand.Run run) {
            start(run.plan());
        } else if (command instanceof WorkerCommand.Proceed) {
            runSlice(0);
        } else if (command instanceof WorkerCommand.Suspend) {
            suspended = running;
            running = null;
        } else if (command instanceof WorkerCommand.Resume) {
            running = suspended;
            suspended = null;
            runSlice(0);
        } else if (command instanceof WorkerCommand.Abandon) {
            running = null;
        } else if (command instanceof WorkerCommand.Release release) {
            release(release.sequence(), release.cause());
        } else if (command instanceof WorkerCommand.Restore restore) {
            restore(restore);
        } else if (command instanceof WorkerCommand.Fetch fetch) {
            outlet.fetch(fetch);
        } else if (command instanceof WorkerCommand.Report report) {
            outlet.report(report.report());
        }
    }

    /**
     * Without a prefix cache, what a request says to be cached is. The copying delays the step that
     * follows.
     */
    private void restore(WorkerCommand.Restore restore) {
        if (kv.tokens(restore.sequence()) != restore.fromToken()) {
            throw new IllegalStateException("restore does not follow on: " + restore);
        }
        kv.grow(restore.sequence(), restore.tokens());
        if (prefixes != null) {
            begin(restore.sequence());
            prefixes.restore(restore, flight(restore.sequence()));
        }
        restoringNanos += restore.tokens() * spec.spec().restore().tokenNanos();
    }

    private void release(SequenceKey key, Cause cause) {
        kv.free(key);
        if (prefixes != null) {
            prefixes.release(key, cause);
        }
        Flight flight = cause == Cause.PREEMPTED ? null : here.remove(key);
        if (flight != null && (cause == Cause.ENDED || cause == Cause.LENGTH)) {
            flight.complete(key.index());
        }
    }

    private void start(StepPlan plan) {
        if (running != null) {
            throw new IllegalStateException("two steps run at once");
        }
        plan.chunks().forEach(chunk -> begin(chunk.sequence()));
        StepShape shape = shape(plan);
        StepTimes.Taken taken = times.at(time.nowNanos(), shape);
        errors.add(planner.latency().stepNanos(shape), taken.nanos());
        running = new Step(plan, taken.nanos());
        steps++;
        long storingNanos = Math.max(0, storedAtNanos - time.nowNanos());
        long beforeNanos = storingNanos + Math.round(restoringNanos);
        restoringNanos = 0;
        runSlice(beforeNanos + taken.overheadNanos());
    }

    private StepTimes.Taken drawn(long nowNanos, StepShape shape) {
        double noise = timing.noiseSigma();
        double factor = noise == 0 ? 1 : Math.exp(noise * random.nextGaussian());
        long nanos = Math.max(1, Math.round(timing.model().stepNanos(shape) * factor));
        return new StepTimes.Taken(nanos, timing.overheadNanos(shape));
    }

    private StepShape shape(StepPlan plan) {
        long context = 0;
        for (SequenceKey key : plan.decodes()) {
            context += kv.tokens(key) + 1;
        }
        StepShape shape = new StepShape(0, 0, 0, plan.decodes().size(), context);
        for (StepPlan.Chunk chunk : plan.chunks()) {
            if (kv.tokens(chunk.sequence()) != chunk.fromToken()) {
                throw new IllegalStateException("chunk does not follow on: " + chunk);
            }
            shape = shape.plusChunk(chunk.fromToken(), chunk.tokens());
        }
        return shape;
    }

    private void runSlice(long overheadNanos) {
        if (time.nowNanos() < busyUntilNanos) {
            throw new IllegalStateException("two batches overlap on " + spec.spec().id());
        }
        Step step = requireRunning();
        long nanos = overheadNanos + Math.max(1, step.nanos / timing.slices());
        busyUntilNanos = time.nowNanos() + nanos;
        busyNanos += nanos;
        time.at(busyUntilNanos, this::sliceDone);
    }

    private void sliceDone() {
        if (lost) {
            return;
        }
        Step step = requireRunning();
        step.done++;
        drain();
        if (step.done < timing.slices()) {
            tell(new WorkerEvent.SliceDone(time.nowNanos(), step.done, timing.slices()));
            return;
        }
        running = null;
        List<SequenceKey> ended = makeTokens(step.plan);
        if (prefixes != null) {
            keep(prefixes, step.plan);
            prefixes.news(time.nowNanos()).forEach(this::tell);
        }
        long heardNanos = spec.learns() ? step.nanos : 0;
        tell(new WorkerEvent.StepDone(time.nowNanos(), ended, heardNanos));
    }

    private List<SequenceKey> makeTokens(StepPlan plan) {
        List<SequenceKey> ended = new ArrayList<>();
        for (SequenceKey key : plan.decodes()) {
            kv.grow(key, 1);
            makeToken(key, ended);
        }
        for (StepPlan.Chunk chunk : plan.chunks()) {
            kv.grow(chunk.sequence(), chunk.tokens());
            if (chunk.completes()) {
                makeToken(chunk.sequence(), ended);
            }
            for (SequenceKey fork : chunk.forks()) {
                begin(fork);
                kv.grow(fork, chunk.fromToken() + chunk.tokens());
                makeToken(fork, ended);
            }
        }
        return ended;
    }

    /** What the step has filled goes into the prefix cache; the copying delays the next step. */
    private void keep(SimPrefixes into, StepPlan plan) {
        List<SequenceKey> keys = new ArrayList<>(plan.decodes());
        for (StepPlan.Chunk chunk : plan.chunks()) {
            keys.add(chunk.sequence());
            keys.addAll(chunk.forks());
        }
        long tokens = 0;
        for (SequenceKey key : keys) {
            tokens += into.grown(key, kv.tokens(key), flight(key));
        }
        double nanos = tokens * spec.spec().restore().tokenNanos();
        storedAtNanos = time.nowNanos() + Math.round(nanos);
    }

    private void begin(SequenceKey key) {
        if (prefixes != null) {
            prefixes.begin(key, flight(key));
        }
    }

    private void makeToken(SequenceKey key, List<SequenceKey> ended) {
        if (flight(key).token(key.index(), time.nowNanos())) {
            ended.add(key);
        }
    }

    private Flight flight(SequenceKey key) {
        Flight flight = here.get(key);
        if (flight == null) {
            throw new IllegalStateException("no sequence " + key + " here");
        }
        return flight;
    }

    private Step requireRunning() {
        if (running == null) {
            throw new IllegalStateException("no step runs");
        }
        return running;
    }

    private static final class Step {
        private final StepPlan plan;
        private final long nanos;
        private int done;

        Step(StepPlan plan, long nanos) {
            this.plan = plan;
            this.nanos = nanos;
        }
    }
}
