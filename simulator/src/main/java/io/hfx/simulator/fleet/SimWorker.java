package io.hfx.simulator.fleet;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.step.StepPlanner;
import io.hfx.scheduler.time.VirtualTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A worker's loop in virtual time: runs the slices of each step, takes its inbox in between, and
 * keeps count of the KV that it holds, apart from the planner.
 */
final class SimWorker {
    /** Hears what a worker gives out. */
    interface Outlet {
        void report(StepReport report);

        void token(SequenceKey sequence);

        void released(SequenceKey sequence, WorkerCommand.Cause cause);

        void logged(WorkerEvent event, List<WorkerCommand> commands);
    }

    private final WorkerSpec spec;
    private final SimSettings settings;
    private final StepPlanner planner;
    private final VirtualTime time;
    private final Outlet outlet;
    private final LongFunction<SimRequest> requests;
    private final SplittableRandom random;
    private final Deque<LongFunction<WorkerEvent>> inbox = new ArrayDeque<>();
    private final Map<SequenceKey, Integer> generated = new HashMap<>();
    private final Map<SequenceKey, Integer> kvTokens = new HashMap<>();
    private @Nullable Step running;
    private @Nullable Step suspended;
    private boolean lost;

    SimWorker(
            WorkerSpec spec,
            StepPolicy policy,
            SimSettings settings,
            VirtualTime time,
            LongFunction<SimRequest> requests,
            Outlet outlet) {
        this.spec = spec;
        this.settings = settings;
        this.planner = new StepPlanner(spec, policy);
        this.time = time;
        this.requests = requests;
        this.outlet = outlet;
        this.random = new SplittableRandom(settings.seed() ^ spec.id().name().hashCode());
    }

    /** Puts an event into the inbox; it is taken in now, or after the running slice. */
    void deliver(LongFunction<WorkerEvent> event) {
        inbox.add(event);
        if (running == null) {
            drain();
        }
    }

    void lose() {
        lost = true;
    }

    void assertAllGivenBack() {
        boolean all = planner.freeKvUnits() == spec.kv().totalUnits() && kvTokens.isEmpty();
        if (!all || planner.unfinished() > 0) {
            throw new IllegalStateException(
                    spec.id()
                            + " ends with "
                            + planner.unfinished()
                            + " sequences and KV of "
                            + kvTokens.keySet());
        }
    }

    private void drain() {
        while (!inbox.isEmpty() && !lost) {
            tell(inbox.remove().apply(time.nowNanos()));
        }
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
            runSlice();
        } else if (command instanceof WorkerCommand.Suspend) {
            suspended = running;
            running = null;
        } else if (command instanceof WorkerCommand.Resume) {
            running = suspended;
            suspended = null;
            runSlice();
        } else if (command instanceof WorkerCommand.Abandon) {
            running = null;
        } else if (command instanceof WorkerCommand.Release release) {
            kvTokens.remove(release.sequence());
            outlet.released(release.sequence(), release.cause());
        } else if (command instanceof WorkerCommand.Report report) {
            outlet.report(report.report());
        }
    }

    private void start(StepPlan plan) {
        if (running != null) {
            throw new IllegalStateException("two steps run at once");
        }
        StepShape shape = StepShape.EMPTY;
        for (SequenceKey key : plan.decodes()) {
            shape = shape.plusDecode(kvTokens.getOrDefault(key, 0) + 1);
        }
        for (StepPlan.Chunk chunk : plan.chunks()) {
            if (kvTokens.getOrDefault(chunk.sequence(), 0) != chunk.fromToken()) {
                throw new IllegalStateException("chunk does not follow on: " + chunk);
            }
            shape = shape.plusChunk(chunk.fromToken(), chunk.tokens());
        }
        double noise = Math.exp(settings.noiseSigma() * gaussian());
        long nanos = Math.max(1, Math.round(settings.truth().stepNanos(shape) * noise));
        running = new Step(plan, nanos, 0);
        runSlice();
    }

    private void runSlice() {
        Step step = requireRunning();
        time.after(
                Math.max(1, step.nanos() / settings.slices()),
                () -> {
                    if (!lost) {
                        sliceDone();
                    }
                });
    }

    private void sliceDone() {
        Step step = requireRunning().oneMoreDone();
        running = step;
        drain();
        if (step.done() < settings.slices()) {
            tell(new WorkerEvent.SliceDone(time.nowNanos(), step.done(), settings.slices()));
            return;
        }
        running = null;
        List<SequenceKey> ended = new ArrayList<>();
        for (SequenceKey key : step.plan().decodes()) {
            grow(key, 1);
            makeToken(key, ended);
        }
        for (StepPlan.Chunk chunk : step.plan().chunks()) {
            grow(chunk.sequence(), chunk.tokens());
            if (chunk.completes()) {
                makeToken(chunk.sequence(), ended);
            }
            for (SequenceKey fork : chunk.forks()) {
                grow(fork, chunk.fromToken() + chunk.tokens());
                makeToken(fork, ended);
            }
        }
        tell(new WorkerEvent.StepDone(time.nowNanos(), ended, step.nanos()));
    }

    private void grow(SequenceKey key, int tokens) {
        int now = kvTokens.merge(key, tokens, Integer::sum);
        if (now > spec.kv().maxSequenceTokens()) {
            throw new IllegalStateException("sequence " + key + " has outgrown its KV: " + now);
        }
        long units = kvTokens.values().stream().mapToLong(n -> spec.kv().cost(n)).sum();
        if (units > spec.kv().totalUnits()) {
            throw new IllegalStateException("KV overdrawn: " + units);
        }
    }

    private void makeToken(SequenceKey key, List<SequenceKey> ended) {
        SimRequest request = requests.apply(key.requestId());
        outlet.token(key);
        if (generated.merge(key, 1, Integer::sum) >= request.outputTokens()) {
            ended.add(key);
        }
    }

    /** What a sequence had before it came to this worker. */
    void continues(SequenceKey key, int tokens) {
        generated.put(key, tokens);
    }

    private double gaussian() {
        double u = 1 - random.nextDouble();
        return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.nextDouble());
    }

    private Step requireRunning() {
        if (running == null) {
            throw new IllegalStateException("no step runs");
        }
        return running;
    }

    private record Step(StepPlan plan, long nanos, int done) {
        Step oneMoreDone() {
            return new Step(plan, nanos, done + 1);
        }
    }
}
