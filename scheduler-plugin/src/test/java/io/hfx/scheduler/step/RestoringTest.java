package io.hfx.scheduler.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.kv.RestoreSpec;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A planner whose worker has a prefix cache with blocks of 10 tokens, 1 ns to copy each. */
class RestoringTest {
    /** A decode takes 300 ns whatever it holds, so that 30 ns, 30 tokens, may be copied before. */
    private static final LatencyModel LATENCY = new LatencyModel(0, 0, 10, 0, 300, 0, 0);

    private final List<WorkerCommand> last = new ArrayList<>();
    private boolean preempt;
    private StepPlanner planner = planner(new KvBudget.Slots(4, 200));
    private long nowNanos;
    private long order;

    private StepPlanner planner(KvBudget kv) {
        return new StepPlanner(
                new WorkerSpec(
                        new WorkerId("w"),
                        WorkerSpec.Kind.TOKEN_LEVEL,
                        kv,
                        4,
                        true,
                        LATENCY,
                        new RestoreSpec(10, 1)),
                new Greedy());
    }

    /** All decodes, then whole prompts; gives the first request up when told. */
    private final class Greedy implements StepPolicy {
        @Override
        public Composition compose(StepView view) {
            Batching batch = new Batching(view);
            if (preempt) {
                view.decoding().stream()
                        .filter(s -> s.key().equals(key(1)))
                        .forEach(batch::preempt);
            }
            batch.decodeAll();
            for (SequenceView s :
                    PrefillOrder.by(Comparator.comparing(v -> v.key().requestId())).of(view)) {
                batch.prefill(s, Integer.MAX_VALUE);
            }
            return batch.composition();
        }

        @Override
        public Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
            return Verdict.CONTINUE;
        }
    }

    private void tell(WorkerEvent event) {
        last.clear();
        last.addAll(planner.on(event));
    }

    private void bind(long id, int prompt, int cached, int choices) {
        RequestSpec request =
                new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(prompt), choices, 50)
                        .withCachedTokens(List.of(cached));
        tell(
                new WorkerEvent.Ordered(
                        nowNanos, new WorkerOrder.Bind(++order, request, 0, false, List.of())));
    }

    private void stepDone(SequenceKey... ended) {
        nowNanos += 300;
        tell(new WorkerEvent.StepDone(nowNanos, List.of(ended), 0));
    }

    private static SequenceKey key(long id) {
        return new SequenceKey(id, 0);
    }

    private static WorkerCommand.Restore restore(long id, int from, int tokens) {
        return new WorkerCommand.Restore(key(id), from, tokens);
    }

    private List<WorkerCommand.Restore> restores() {
        return last.stream()
                .filter(WorkerCommand.Restore.class::isInstance)
                .map(WorkerCommand.Restore.class::cast)
                .toList();
    }

    private StepPlan plan() {
        WorkerCommand.Run run =
                last.stream()
                        .filter(WorkerCommand.Run.class::isInstance)
                        .map(WorkerCommand.Run.class::cast)
                        .findFirst()
                        .orElseThrow(() -> new AssertionError(last.toString()));
        return run.plan();
    }

    private StepReport.Load load() {
        return last.stream()
                .filter(WorkerCommand.Report.class::isInstance)
                .map(c -> ((WorkerCommand.Report) c).report().load())
                .findFirst()
                .orElseThrow();
    }

    private static StepPlan.Chunk chunk(long id, int from, int tokens) {
        return new StepPlan.Chunk(key(id), from, tokens, true, List.of());
    }

    @Test
    void aPromptBeginsBehindItsCachedPart() {
        bind(1, 95, 90, 1);
        assertEquals(restore(1, 0, 90), restores().get(0), "before the run");
        assertEquals(last.get(0), restores().get(0));
        assertEquals(List.of(chunk(1, 90, 5)), plan().chunks());
        assertEquals(5, load().pendingPrefillTokens());
        assertEquals(90, load().contextTokens());
        stepDone();
        assertEquals(0, load().pendingPrefillTokens());
        assertEquals(95, load().contextTokens());
        assertTrue(restores().isEmpty());
    }

    @Test
    void besideDecodesItIsCopiedInPieces() {
        bind(1, 5, 0, 1);
        bind(2, 85, 80, 1);
        for (int from : new int[] {0, 30}) {
            stepDone();
            assertEquals(List.of(restore(2, from, 30)), restores());
            assertEquals(List.of(key(1)), plan().decodes());
            assertTrue(plan().chunks().isEmpty(), "it is not ready");
            assertEquals(5, load().pendingPrefillTokens());
        }
        stepDone();
        assertEquals(List.of(restore(2, 60, 20)), restores());
        assertEquals(List.of(chunk(2, 80, 5)), plan().chunks());
        stepDone();
        assertEquals(List.of(key(1), key(2)), plan().decodes());
    }

    @Test
    void whatTwoTakeBesideDecodesIsBoundedTogether() {
        bind(1, 5, 0, 1);
        bind(2, 25, 20, 1);
        bind(3, 45, 40, 1);
        stepDone();
        assertEquals(List.of(restore(2, 0, 20), restore(3, 0, 10)), restores());
        assertEquals(List.of(chunk(2, 20, 5)), plan().chunks());
        stepDone();
        assertEquals(List.of(restore(3, 10, 30)), restores());
        assertEquals(List.of(chunk(3, 40, 5)), plan().chunks());
    }

    /** One block of 100 tokens in KV each: what is not copied yet holds none. */
    @Test
    void whatIsNotThereHoldsNoKv() {
        planner = planner(new KvBudget.Blocks(6, 20, 200));
        bind(1, 5, 0, 1);
        bind(2, 85, 80, 1);
        stepDone();
        assertEquals(6 - 1 - 2, planner.freeKvUnits(), "30 of its 85 tokens are there");
        stepDone();
        stepDone();
        assertEquals(6 - 1 - 5, planner.freeKvUnits());
    }

    @Test
    void theOtherChoicesAreForkedAsEver() {
        bind(1, 25, 20, 3);
        assertEquals(List.of(restore(1, 0, 20)), restores());
        StepPlan.Chunk chunk = plan().chunks().get(0);
        assertEquals(20, chunk.fromToken());
        assertEquals(2, chunk.forks().size());
        assertEquals(5, load().pendingPrefillTokens());
        stepDone();
        assertEquals(3, plan().decodes().size());
        assertEquals(75, load().contextTokens());
    }

    @Test
    void aWaitingSequenceHearsOfMore() {
        bind(1, 50, 0, 1);
        bind(2, 50, 0, 1);
        tell(new WorkerEvent.Cached(nowNanos, key(2), 40));
        tell(new WorkerEvent.Cached(nowNanos, key(2), 50));
        tell(new WorkerEvent.Cached(nowNanos, key(1), 40));
        tell(new WorkerEvent.Cached(nowNanos, key(7), 40));
        planner.on(new WorkerEvent.Cached(nowNanos, key(2), 10));
        stepDone();
        assertEquals(List.of(restore(2, 0, 30)), restores(), "never the whole, never less");
        stepDone();
        assertEquals(List.of(restore(2, 30, 10)), restores());
        assertEquals(List.of(chunk(2, 40, 10)), plan().chunks());
    }

    @Test
    void whatWasPreemptedForgetsItsPart() {
        bind(1, 45, 40, 1);
        bind(2, 5, 0, 1);
        stepDone();
        stepDone();
        preempt = true;
        stepDone();
        assertTrue(restores().isEmpty());
        assertTrue(last.contains(new WorkerCommand.Release(key(1), WorkerCommand.Cause.PREEMPTED)));
        preempt = false;
        stepDone();
        assertEquals(List.of(chunk(1, 0, 48)), plan().chunks(), "prompt and output");
    }

    @Test
    void aCancelledRestoreGivesEverythingBack() {
        bind(1, 5, 0, 1);
        bind(2, 85, 80, 1);
        stepDone();
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Cancel(++order, 2)));
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Cancel(++order, 1)));
        stepDone();
        assertEquals(4, planner.freeKvUnits());
        assertEquals(0, planner.unfinished());
        assertEquals(0, load().contextTokens());
        assertEquals(0, load().pendingPrefillTokens());
    }

    @Test
    void aRequestIsChargedWithoutItsCachedTokens() {
        RequestSpec request =
                new RequestSpec(1, SloClass.BEST_EFFORT, 3, List.of(100, 50), 2, 9)
                        .withCachedTokens(List.of(64, 0));
        assertEquals(150, request.totalPromptTokens());
        assertEquals(86, request.prefillTokens());
        assertEquals(50, request.longestPrefillTokens());
        assertEquals(64, request.cachedTokens(1));
        assertEquals(0, request.cachedTokens(2));
        assertFalse(request.equals(request.withCachedTokens(List.of())));
        assertThrows(
                IllegalArgumentException.class, () -> request.withCachedTokens(List.of(100, 0)));
        assertThrows(IllegalArgumentException.class, () -> request.withCachedTokens(List.of(1)));
    }
}
