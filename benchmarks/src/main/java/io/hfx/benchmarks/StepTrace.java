package io.hfx.benchmarks;

import io.hfx.plugin.live.LoopLog;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.WorkerSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one worker ran, slice by slice, and when requests were put into its inbox. Instants are of
 * {@link System#nanoTime()}. Thread-safe; a step may be read once it has ended.
 */
final class StepTrace implements LoopLog {
    /** A time in which another step ran in the place of a suspended one. */
    record Pause(int afterSlices, long fromNanos, long toNanos) {
        long nanos() {
            return toNanos - fromNanos;
        }
    }

    /** A step, from its first slice to its last. */
    static final class Step {
        final StepPlan plan;
        final long startNanos;
        final List<Long> sliceNanos = new ArrayList<>();
        final List<Pause> pauses = new ArrayList<>();
        long endNanos = Long.MAX_VALUE;

        /** Slices in all. */
        int slices;

        private long suspendedNanos;

        Step(StepPlan plan, long startNanos) {
            this.plan = plan;
            this.startNanos = startNanos;
        }

        boolean decodes(long requestId) {
            return plan.decodes().stream().anyMatch(key -> key.requestId() == requestId);
        }

        boolean has(long requestId) {
            return decodes(requestId)
                    || plan.chunks().stream().anyMatch(c -> c.sequence().requestId() == requestId);
        }

        boolean ranAt(long nanos) {
            return startNanos <= nanos && nanos < endNanos;
        }

        /** Median time of a layer. The last slice is the head's, which most chunks do not need. */
        double layerNanos() {
            List<Long> layers =
                    sliceNanos.subList(0, sliceNanos.size() - 1).stream().sorted().toList();
            return layers.get(layers.size() / 2);
        }
    }

    private final List<Step> steps = new ArrayList<>();
    private final Map<Long, Long> boundNanos = new HashMap<>();
    private @Nullable Step running;
    private @Nullable Step suspended;
    private long sliceStartNanos;

    @Override
    public synchronized void fleet(FleetEvent event, List<FleetCommand> commands) {
        for (FleetCommand command : commands) {
            if (command instanceof FleetCommand.Send send
                    && send.order() instanceof WorkerOrder.Bind bind) {
                boundNanos.put(bind.requestId(), System.nanoTime());
            }
        }
    }

    @Override
    public synchronized void worker(
            WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {
        boolean complete = event instanceof WorkerEvent.StepDone;
        Step step = running;
        if (step != null && (complete || event instanceof WorkerEvent.SliceDone)) {
            step.sliceNanos.add(event.atNanos() - sliceStartNanos);
            sliceStartNanos = System.nanoTime();
        }
        if (step != null && event instanceof WorkerEvent.SliceDone done) {
            step.slices = done.slices();
        }
        if (step != null && complete) {
            step.endNanos = event.atNanos();
            running = null;
        }
        commands.forEach(this::follow);
    }

    private void follow(WorkerCommand command) {
        long nowNanos = System.nanoTime();
        if (command instanceof WorkerCommand.Run run) {
            running = new Step(run.plan(), nowNanos);
            steps.add(running);
            sliceStartNanos = nowNanos;
            notifyAll();
        } else if (command instanceof WorkerCommand.Suspend && running != null) {
            running.suspendedNanos = nowNanos;
            suspended = running;
            running = null;
        } else if (command instanceof WorkerCommand.Resume && suspended != null) {
            running = suspended;
            suspended = null;
            running.pauses.add(
                    new Pause(running.sliceNanos.size(), running.suspendedNanos, nowNanos));
            sliceStartNanos = nowNanos;
        }
    }

    /** Waits until a step with a request has begun. */
    synchronized void awaitStart(long requestId) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (steps.stream().noneMatch(step -> step.has(requestId))) {
            long leftNanos = untilNanos - System.nanoTime();
            if (leftNanos <= 0) {
                throw new IllegalStateException("request " + requestId + " does not begin");
            }
            TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
        }
    }

    /** When a request was put into the worker's inbox. */
    synchronized long boundNanos(long requestId) {
        Long nanos = boundNanos.get(requestId);
        if (nanos == null) {
            throw new IllegalStateException("request " + requestId + " was not bound");
        }
        return nanos;
    }

    /** The steps so far, in the order in which they began; they are forgotten. */
    synchronized List<Step> take() {
        List<Step> taken = List.copyOf(steps);
        steps.clear();
        return taken;
    }
}
