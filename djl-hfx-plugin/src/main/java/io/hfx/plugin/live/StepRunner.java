package io.hfx.plugin.live;

import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.plugin.service.GenerationListener.FinishReason;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.SequenceKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what a step planner wants on an executor: turns plans into segments, samples, hands
 * tokens to their requests, and frees KV. Owned by the worker's loop thread.
 */
final class StepRunner implements AutoCloseable {
    private final TokenExecutor executor;
    private final TokenPicker picker;
    private final LongFunction<@Nullable ActiveRequest> requests;
    private final Map<Long, ActiveRequest> here = new HashMap<>();
    private final Map<SequenceKey, KvSequence> kv = new HashMap<>();
    private @Nullable Step running;
    private @Nullable Step suspended;

    /**
     * @param requests finds a request by id; null for one that is gone
     */
    StepRunner(
            TokenExecutor executor,
            TokenPicker picker,
            LongFunction<@Nullable ActiveRequest> requests) {
        this.executor = executor;
        this.picker = picker;
        this.requests = requests;
    }

    boolean isRunning() {
        return running != null;
    }

    int slices() {
        return step().cursor.slices();
    }

    int slicesDone() {
        return step().cursor.done();
    }

    /** Time spent in the slices of the running step, in nanoseconds. */
    long busyNanos() {
        return step().busyNanos;
    }

    int sequences() {
        return kv.size();
    }

    long contextTokens() {
        return kv.values().stream().mapToLong(KvSequence::length).sum();
    }

    /** Looks a request up before the planner hears of it. */
    void prepare(WorkerEvent event) {
        if (event instanceof WorkerEvent.Ordered ordered
                && ordered.order() instanceof WorkerOrder.Bind bind) {
            ActiveRequest request = requests.apply(bind.request().id());
            if (request != null) {
                here.put(bind.request().id(), request);
            }
        }
    }

    /** Runs one slice; returns whether the step is complete. */
    boolean advance() {
        Step step = step();
        long startNanos = System.nanoTime();
        boolean complete = step.cursor.advance();
        step.busyNanos += System.nanoTime() - startNanos;
        return complete;
    }

    /** Makes the tokens of a complete step; returns the sequences that the model ended. */
    List<SequenceKey> complete() {
        Step step = step();
        running = null;
        List<SequenceKey> ended = new ArrayList<>();
        int segment = 0;
        for (SequenceKey key : step.plan.decodes()) {
            makeToken(key, step.cursor, segment++, ended);
        }
        for (StepPlan.Chunk chunk : step.plan.chunks()) {
            if (chunk.completes()) {
                makeToken(chunk.sequence(), step.cursor, segment, ended);
                for (SequenceKey fork : chunk.forks()) {
                    fork(chunk.sequence(), fork);
                    makeToken(fork, step.cursor, segment, ended);
                }
            }
            segment++;
        }
        step.cursor.close();
        return ended;
    }

    void carryOut(WorkerCommand command) {
        if (command instanceof WorkerCommand.Run run) {
            running = new Step(run.plan(), executor.begin(input(run.plan())));
        } else if (command instanceof WorkerCommand.Suspend) {
            suspended = running;
            running = null;
        } else if (command instanceof WorkerCommand.Resume) {
            running = suspended;
            suspended = null;
        } else if (command instanceof WorkerCommand.Abandon) {
            step().cursor.close();
            running = null;
        } else if (command instanceof WorkerCommand.Release release) {
            release(release.sequence(), release.cause());
        }
    }

    /** Requests with a sequence in the running step. */
    List<Long> requestsInStep() {
        Set<Long> ids = new TreeSet<>();
        if (running != null) {
            running.plan.decodes().forEach(k -> ids.add(k.requestId()));
            running.plan.chunks().forEach(c -> ids.add(c.sequence().requestId()));
        }
        return List.copyOf(ids);
    }

    @Override
    public void close() {
        for (Step step : new Step[] {running, suspended}) {
            if (step != null) {
                step.cursor.close();
            }
        }
        running = null;
        suspended = null;
        kv.values().forEach(KvSequence::close);
        kv.clear();
    }

    private StepInput input(StepPlan plan) {
        List<Segment> segments = new ArrayList<>();
        for (SequenceKey key : plan.decodes()) {
            ActiveRequest request = request(key);
            int last = request.length(key.index()) - 1;
            segments.add(new Segment(kvOf(key), request.tokens(key.index(), last, 1), true));
        }
        for (StepPlan.Chunk chunk : plan.chunks()) {
            SequenceKey key = chunk.sequence();
            int[] ids = request(key).tokens(key.index(), chunk.fromToken(), chunk.tokens());
            segments.add(new Segment(kvOf(key), ids, chunk.completes()));
        }
        return new StepInput(segments);
    }

    private KvSequence kvOf(SequenceKey key) {
        return kv.computeIfAbsent(key, this::open);
    }

    private KvSequence open(SequenceKey key) {
        var request = request(key).request();
        int prompt = request.prompts().get(key.index() / request.choices()).length;
        int most = Math.min(executor.spec().maxSequenceTokens(), prompt + request.maxTokens());
        return executor.open(most);
    }

    private void fork(SequenceKey from, SequenceKey to) {
        KvSequence source = kvOf(from);
        executor.fork(source, kvOf(to), source.length());
    }

    private void makeToken(
            SequenceKey key, StepCursor cursor, int segment, List<SequenceKey> ended) {
        ActiveRequest request = request(key);
        int id =
                picker.pick(
                        cursor.logits(segment),
                        request.request(),
                        key.index() % request.request().choices(),
                        request.length(key.index()));
        boolean ends = picker.ends(id, request.request());
        request.token(key.index(), id, ends);
        if (ends) {
            ended.add(key);
        }
    }

    private void release(SequenceKey key, WorkerCommand.Cause cause) {
        KvSequence held = kv.remove(key);
        if (held != null) {
            held.close();
        }
        ActiveRequest request = here.get(key.requestId());
        if (request == null) {
            return;
        }
        switch (cause) {
            case ENDED, STOPPED -> request.finished(key.index(), FinishReason.STOP);
            case LENGTH -> request.finished(key.index(), FinishReason.LENGTH);
            case CANCELLED, PREEMPTED, HANDED_BACK, MOVED -> {}
        }
        boolean leaves =
                cause == WorkerCommand.Cause.HANDED_BACK || cause == WorkerCommand.Cause.MOVED;
        if (leaves || !request.isUnfinished()) {
            here.remove(key.requestId());
        }
    }

    private ActiveRequest request(SequenceKey key) {
        ActiveRequest request = here.get(key.requestId());
        if (request == null) {
            throw new IllegalStateException("no request " + key.requestId() + " here");
        }
        return request;
    }

    private Step step() {
        if (running == null) {
            throw new IllegalStateException("no step runs");
        }
        return running;
    }

    private static final class Step {
        private final StepPlan plan;
        private final StepCursor cursor;
        private long busyNanos;

        Step(StepPlan plan, StepCursor cursor) {
            this.plan = plan;
            this.cursor = cursor;
        }
    }
}
