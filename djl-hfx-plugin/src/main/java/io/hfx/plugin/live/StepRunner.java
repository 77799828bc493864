package io.hfx.plugin.live;

import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.plugin.service.GenerationListener.FinishReason;
import io.hfx.plugin.service.Token;
import io.hfx.plugin.service.WorkerFailure;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.SequenceKey;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Carries out what a step planner wants on an executor: turns plans into segments, samples, hands
 * tokens to their requests, and frees KV. Owned by the worker's loop thread.
 */
final class StepRunner implements AutoCloseable {
    private final TokenExecutor executor;
    private final TokenPicker picker;
    private final LongFunction<@Nullable ActiveRequest> requests;
    private final @Nullable WorkerPrefixes prefixes;
    private final Map<Long, Guest> here = new HashMap<>();
    private final Map<SequenceKey, KvSequence> kv = new HashMap<>();
    private @Nullable Step running;
    private @Nullable Step suspended;

    /** What is being worked on, for the case that it fails: a step, or one sequence of it. */
    private @Nullable StepPlan planAtWork;

    private @Nullable SequenceKey sequenceAtWork;

    /**
     * @param requests finds a request by id; null for one that is gone
     * @param prefixes closed with this; null without a prefix cache
     */
    StepRunner(
            TokenExecutor executor,
            TokenPicker picker,
            LongFunction<@Nullable ActiveRequest> requests,
            @Nullable WorkerPrefixes prefixes) {
        this.executor = executor;
        this.picker = picker;
        this.requests = requests;
        this.prefixes = prefixes;
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

    /**
     * Looks a request up before the planner hears of it.
     *
     * @return what the planner is to hear: with what this worker can take of it from the cache
     */
    WorkerEvent prepare(WorkerEvent event) {
        if (event instanceof WorkerEvent.Ordered ordered) {
            return new WorkerEvent.Ordered(
                    ordered.atNanos(), ordered.orders().stream().map(this::prepare).toList());
        }
        return event;
    }

    private WorkerOrder prepare(WorkerOrder order) {
        if (!(order instanceof WorkerOrder.Bind bind)) {
            return order;
        }
        ActiveRequest request = requests.apply(bind.request().id());
        List<SequenceKey> sequences = sequences(bind);
        if (request != null && !sequences.isEmpty()) {
            here.put(bind.request().id(), new Guest(request, sequences.size()));
        }
        return bind.withCachedTokens(
                request == null || prefixes == null
                        ? List.of()
                        : prefixes.come(request, sequences));
    }

    /** Sequences of a request that are not complete yet. */
    private static List<SequenceKey> sequences(WorkerOrder.Bind bind) {
        List<Integer> generated = bind.generated();
        return IntStream.range(0, bind.request().sequences())
                .filter(i -> generated.isEmpty() || generated.get(i) != Progress.ENDED)
                .mapToObj(i -> new SequenceKey(bind.request().id(), i))
                .toList();
    }

    /** Runs one slice; returns whether the step is complete. */
    boolean advance() {
        Step step = step();
        long startNanos = System.nanoTime();
        boolean complete = step.cursor.advance();
        step.busyNanos += System.nanoTime() - startNanos;
        return complete;
    }

    /** What the cache has more of waiting sequences than the planner was told. */
    List<WorkerEvent.Cached> news(long atNanos) {
        return prefixes == null ? List.of() : prefixes.news(atNanos);
    }

    /** Makes the tokens of a complete step; returns the sequences that the model ended. */
    List<SequenceKey> complete() {
        Step step = step();
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
        keep(step.plan);
        sequenceAtWork = null;
        planAtWork = null;
        running = null;
        step.cursor.close();
        return ended;
    }

    /** Behind the tokens, so that nobody waits for it. */
    private void keep(StepPlan plan) {
        if (prefixes == null) {
            return;
        }
        plan.decodes().forEach(this::keep);
        for (StepPlan.Chunk chunk : plan.chunks()) {
            keep(chunk.sequence());
            chunk.forks().forEach(this::keep);
        }
    }

    private void keep(SequenceKey key) {
        if (prefixes != null) {
            prefixes.grown(key, kvOf(key));
        }
    }

    void carryOut(WorkerCommand command) {
        if (command instanceof WorkerCommand.Run run) {
            planAtWork = run.plan();
            running = new Step(run.plan(), executor.begin(input(run.plan())));
        } else if (command instanceof WorkerCommand.Suspend) {
            suspended = running;
            running = null;
            planAtWork = null;
        } else if (command instanceof WorkerCommand.Resume) {
            running = suspended;
            suspended = null;
            planAtWork = step().plan;
        } else if (command instanceof WorkerCommand.Abandon) {
            step().cursor.close();
            running = null;
            planAtWork = null;
        } else if (command instanceof WorkerCommand.Restore restore && prefixes != null) {
            SequenceKey key = restore.sequence();
            prefixes.restore(key, kvOf(key), restore.fromToken(), restore.tokens());
            sequenceAtWork = null;
        } else if (command instanceof WorkerCommand.Release release) {
            release(release.sequence(), release.cause());
        }
    }

    /**
     * Requests that a failure concerns: the one whose KV or token was being made, else those of the
     * step.
     */
    Set<Long> concerned() {
        Set<Long> ids = new TreeSet<>();
        if (sequenceAtWork != null) {
            ids.add(sequenceAtWork.requestId());
        } else if (planAtWork != null) {
            planAtWork.decodes().forEach(k -> ids.add(k.requestId()));
            planAtWork.chunks().forEach(c -> ids.add(c.sequence().requestId()));
        }
        return ids;
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
        if (prefixes != null) {
            prefixes.close();
        }
        kv.values().forEach(KvSequence::close);
        kv.clear();
    }

    private StepInput input(StepPlan plan) {
        List<Segment> segments = new ArrayList<>();
        for (SequenceKey key : plan.decodes()) {
            sequenceAtWork = key;
            ActiveRequest request = request(key);
            int last = request.length(key.index()) - 1;
            segments.add(new Segment(kvOf(key), request.tokens(key.index(), last, 1), true));
        }
        for (StepPlan.Chunk chunk : plan.chunks()) {
            SequenceKey key = chunk.sequence();
            sequenceAtWork = key;
            int[] ids = request(key).tokens(key.index(), chunk.fromToken(), chunk.tokens());
            segments.add(new Segment(kvOf(key), ids, chunk.completes()));
        }
        sequenceAtWork = null;
        return new StepInput(segments);
    }

    private KvSequence kvOf(SequenceKey key) {
        sequenceAtWork = key;
        return kv.computeIfAbsent(key, this::open);
    }

    private KvSequence open(SequenceKey key) {
        var request = request(key).request();
        int prompt = request.prompts().get(key.index() / request.choices()).length;
        int most = Math.min(executor.spec().maxSequenceTokens(), prompt + request.maxTokens());
        KvSequence opened = executor.open(most);
        if (prefixes != null) {
            prefixes.begin(key);
        }
        return opened;
    }

    private void fork(SequenceKey from, SequenceKey to) {
        KvSequence source = kvOf(from);
        executor.fork(source, kvOf(to), source.length());
    }

    private void makeToken(
            SequenceKey key, StepCursor cursor, int segment, List<SequenceKey> ended) {
        sequenceAtWork = key;
        ActiveRequest request = request(key);
        Token token = pick(request, key, cursor.logits(segment));
        request.token(key.index(), token);
        if (token.ends()) {
            ended.add(key);
        }
    }

    private Token pick(ActiveRequest request, SequenceKey key, FloatBuffer logits) {
        try {
            return picker.pick(logits, key, request);
        } catch (IllegalArgumentException e) {
            throw new WorkerFailure.InvalidLogits(e);
        }
    }

    private void release(SequenceKey key, WorkerCommand.Cause cause) {
        picker.release(key);
        if (prefixes != null && cause == WorkerCommand.Cause.PREEMPTED) {
            prefixes.preempted(key);
        } else if (prefixes != null) {
            prefixes.leave(key);
        }
        KvSequence held = kv.remove(key);
        if (held != null) {
            held.close();
        }
        Guest guest = here.get(key.requestId());
        if (guest == null) {
            return;
        }
        switch (cause) {
            case ENDED, STOPPED -> guest.request.finished(key.index(), FinishReason.STOP);
            case LENGTH -> guest.request.finished(key.index(), FinishReason.LENGTH);
            case CANCELLED, PREEMPTED, HANDED_BACK, MOVED -> {}
        }
        if (cause != WorkerCommand.Cause.PREEMPTED) {
            guest.sequences--;
        }
        if (guest.sequences == 0) {
            here.remove(key.requestId());
        }
    }

    private ActiveRequest request(SequenceKey key) {
        Guest guest = here.get(key.requestId());
        if (guest == null) {
            throw new IllegalStateException("no request " + key.requestId() + " here");
        }
        return guest.request;
    }

    private Step step() {
        if (running == null) {
            throw new IllegalStateException("no step runs");
        }
        return running;
    }

    /** A request with sequences here, until the planner has released the last of them. */
    private static final class Guest {
        private final ActiveRequest request;
        private int sequences;

        Guest(ActiveRequest request, int sequences) {
            this.request = request;
            this.sequences = sequences;
        }
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
