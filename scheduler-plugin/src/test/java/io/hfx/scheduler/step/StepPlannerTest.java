package io.hfx.scheduler.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Paused;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerCommand.Cause;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StepPlannerTest {
    private static final LatencyModel LATENCY = new LatencyModel(0, 0, 10, 0, 0, 5, 0);

    private final Greedy policy = new Greedy();
    private final List<WorkerCommand> last = new ArrayList<>();
    private final List<String> decided = new ArrayList<>();
    private StepPlanner planner = planner(new KvBudget.Slots(4, 100), WorkerSpec.Kind.TOKEN_LEVEL);
    private long nowNanos;
    private long order;

    private StepPlanner planner(KvBudget kv, WorkerSpec.Kind kind) {
        return new StepPlanner(
                new WorkerSpec(new WorkerId("w"), kind, kv, 4, true, LATENCY),
                policy,
                d -> decided.add(d.requestId() + " " + d.what() + " " + d.reason()));
    }

    /** All decodes, then whole prompts or chunks of at most {@code chunk} tokens. */
    private static final class Greedy implements StepPolicy {
        int chunk = Integer.MAX_VALUE;
        boolean resume = true;
        Verdict verdict = Verdict.CONTINUE;
        List<SequenceKey> demoted = List.of();

        @Override
        public Composition compose(StepView view) {
            if (view.hasSuspended() && resume) {
                return Composition.RESUME;
            }
            demoted =
                    Stream.concat(view.decoding().stream(), view.prefilling().stream())
                            .filter(SequenceView::demoted)
                            .map(SequenceView::key)
                            .toList();
            Batching batch = new Batching(view);
            batch.decodeAll();
            for (SequenceView s :
                    PrefillOrder.by(Comparator.comparing(v -> v.key().requestId())).of(view)) {
                batch.prefill(s, chunk);
            }
            return batch.composition();
        }

        @Override
        public Verdict afterSlice(StepView view, StepPlan running, long remainingNanos) {
            return verdict;
        }
    }

    private void tell(WorkerEvent event) {
        last.clear();
        last.addAll(planner.on(event));
    }

    private void bind(long id, int prompt, int choices, int maxTokens, Integer... generated) {
        RequestSpec request =
                new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(prompt), choices, maxTokens);
        tell(
                new WorkerEvent.Ordered(
                        nowNanos,
                        new WorkerOrder.Bind(++order, request, 0, false, List.of(generated))));
    }

    private void stepDone(SequenceKey... ended) {
        nowNanos += 100;
        tell(new WorkerEvent.StepDone(nowNanos, List.of(ended), 100));
    }

    private static SequenceKey key(long id, int index) {
        return new SequenceKey(id, index);
    }

    private <T extends WorkerCommand> List<T> all(Class<T> type) {
        return last.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private StepPlan plan() {
        assertEquals(1, all(WorkerCommand.Run.class).size(), last.toString());
        return all(WorkerCommand.Run.class).get(0).plan();
    }

    private StepReport report() {
        assertEquals(1, all(WorkerCommand.Report.class).size(), last.toString());
        return all(WorkerCommand.Report.class).get(0).report();
    }

    @Test
    void aRequestIsPrefilledThenDecodedToItsLength() {
        bind(1, 10, 1, 3);
        assertEquals(new StepPlan.Chunk(key(1, 0), 0, 10, true, List.of()), plan().chunks().get(0));
        assertEquals(List.of(1L), report().started());
        assertEquals(1, report().acknowledged());
        assertEquals(100, report().load().stepRemainingNanos());
        stepDone();
        assertEquals(List.of(key(1, 0)), plan().decodes());
        assertEquals(1, report().load().decodes());
        stepDone();
        stepDone();
        assertEquals(
                List.of(new WorkerCommand.Release(key(1, 0), Cause.LENGTH)),
                all(WorkerCommand.Release.class));
        assertEquals(List.of(1L), report().ended());
        assertFalse(planner.isRunning());
        assertEquals(4, planner.freeKvUnits());
    }

    @Test
    void theModelCanEndASequenceEarly() {
        bind(1, 10, 1, 50);
        stepDone(key(1, 0));
        assertEquals(Cause.ENDED, all(WorkerCommand.Release.class).get(0).cause());
        assertEquals(0, planner.unfinished());
    }

    @Test
    void aPromptIsCutIntoChunks() {
        policy.chunk = 4;
        bind(1, 10, 1, 2);
        assertFalse(plan().chunks().get(0).completes());
        stepDone();
        assertEquals(4, plan().chunks().get(0).fromToken());
        stepDone();
        StepPlan.Chunk rest = plan().chunks().get(0);
        assertEquals(8, rest.fromToken());
        assertEquals(2, rest.tokens());
        assertTrue(rest.completes());
    }

    @Test
    void choicesArePrefilledOnceAndForked() {
        bind(1, 10, 3, 2);
        StepPlan.Chunk chunk = plan().chunks().get(0);
        assertEquals(List.of(key(1, 1), key(1, 2)), chunk.forks());
        assertEquals(1, plan().chunks().size());
        stepDone();
        assertEquals(List.of(key(1, 0), key(1, 1), key(1, 2)), plan().decodes());
        stepDone();
        assertEquals(List.of(1L), report().ended());
    }

    @Test
    void choicesThatDoNotFitArePrefilledLater() {
        bind(1, 10, 6, 2);
        assertEquals(3, plan().chunks().get(0).forks().size());
        stepDone();
        stepDone();
        assertEquals(4, all(WorkerCommand.Release.class).size());
        // the fifth leads now, and takes the sixth along
        StepPlan.Chunk chunk = plan().chunks().get(0);
        assertEquals(key(1, 4), chunk.sequence());
        assertEquals(List.of(key(1, 5)), chunk.forks());
    }

    @Test
    void anUnstartedRequestCanBeRecalledAndAStartedOneNot() {
        bind(1, 10, 1, 5);
        bind(2, 10, 1, 5);
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Recall(++order, 1)));
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Recall(++order, 2)));
        assertEquals(
                List.of(new WorkerCommand.Release(key(2, 0), Cause.HANDED_BACK)),
                all(WorkerCommand.Release.class));
        stepDone();
        assertEquals(List.of(new Progress(2, List.of(0))), report().handedBack());
        assertEquals(4, report().acknowledged());
        assertEquals(List.of(key(1, 0)), plan().decodes());
    }

    @Test
    void whoLosesItsPlaceIsShownToThePolicyAsDemoted() {
        bind(1, 10, 2, 5);
        assertEquals(List.of(), policy.demoted);
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Demote(++order, 1)));
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Demote(++order, 99)));
        stepDone();
        assertEquals(3, report().acknowledged());
        assertEquals(List.of(key(1, 0), key(1, 1)), policy.demoted);
    }

    @Test
    void aStartedRequestIsHandedBackAtTheEndOfItsStepWithItsTokens() {
        bind(1, 10, 1, 5);
        stepDone();
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.HandBack(++order, 1)));
        assertEquals(List.of(), last);
        stepDone();
        assertEquals(
                List.of(new WorkerCommand.Release(key(1, 0), Cause.HANDED_BACK)),
                all(WorkerCommand.Release.class));
        assertEquals(List.of(new Progress(1, List.of(2))), report().handedBack());
        assertEquals(4, planner.freeKvUnits());
        assertEquals(0, planner.unfinished());
    }

    @Test
    void whatEndsBeforeItIsHandedBackHasEnded() {
        bind(1, 10, 1, 2);
        stepDone();
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.HandBack(++order, 1)));
        stepDone();
        assertEquals(List.of(1L), report().ended());
        assertEquals(List.of(), report().handedBack());
    }

    @Test
    void aCancelledRequestLeavesAtTheEndOfItsStep() {
        bind(1, 10, 1, 5);
        bind(2, 10, 1, 5);
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Cancel(++order, 1)));
        assertEquals(List.of(), last);
        stepDone();
        assertEquals(
                List.of(new WorkerCommand.Release(key(1, 0), Cause.CANCELLED)),
                all(WorkerCommand.Release.class));
        assertEquals(List.of(1L), report().ended());
        assertEquals(key(2, 0), plan().chunks().get(0).sequence());
    }

    @Test
    void aStepThatNobodyWantsAnyMoreIsAbandoned() {
        bind(1, 10, 1, 5);
        tell(new WorkerEvent.Ordered(nowNanos, new WorkerOrder.Cancel(++order, 1)));
        tell(new WorkerEvent.SliceDone(nowNanos, 1, 4));
        assertEquals(1, all(WorkerCommand.Abandon.class).size());
        assertEquals(List.of(1L), report().ended());
        assertEquals(4, planner.freeKvUnits());
    }

    @Test
    void aStepCanYieldToAnother() {
        bind(1, 50, 1, 5);
        bind(2, 10, 1, 5);
        policy.verdict = StepPolicy.Verdict.YIELD;
        policy.resume = false;
        tell(new WorkerEvent.SliceDone(nowNanos, 1, 4));
        assertEquals(1, all(WorkerCommand.Suspend.class).size());
        assertEquals(key(2, 0), plan().chunks().get(0).sequence());
        // a second yield is not possible: one step is suspended already
        tell(new WorkerEvent.SliceDone(nowNanos, 1, 4));
        assertEquals(List.of(new WorkerCommand.Proceed()), last);
        policy.resume = true;
        stepDone();
        assertEquals(1, all(WorkerCommand.Resume.class).size());
        policy.verdict = StepPolicy.Verdict.CONTINUE;
        stepDone();
        assertEquals(List.of(key(2, 0), key(1, 0)), plan().decodes());
        assertEquals(
                List.of("1 STARTED null", "1 SUSPENDED URGENT", "2 STARTED null", "1 RESUMED null"),
                decided);
    }

    @Test
    void anAbortedStepIsComputedAgain() {
        bind(1, 50, 1, 5);
        policy.verdict = StepPolicy.Verdict.ABORT;
        tell(new WorkerEvent.SliceDone(nowNanos, 1, 4));
        assertEquals(1, all(WorkerCommand.Abandon.class).size());
        assertEquals(0, plan().chunks().get(0).fromToken());
        assertEquals(List.of("1 STARTED null", "1 ABANDONED URGENT"), decided);
    }

    @Test
    void whenBlocksRunOutTheLatestIsPreemptedAndComputedAgain() {
        planner = planner(new KvBudget.Blocks(6, 10, 100), WorkerSpec.Kind.TOKEN_LEVEL);
        bind(1, 28, 1, 20);
        bind(2, 28, 1, 20);
        stepDone();
        stepDone();
        stepDone();
        // both hold 3 blocks; the 31st token of the first needs a fourth
        assertEquals(
                List.of(new WorkerCommand.Release(key(2, 0), Cause.PREEMPTED)),
                all(WorkerCommand.Release.class));
        assertEquals(List.of(key(1, 0)), plan().decodes());
        while (planner.unfinished() > 1) {
            stepDone();
        }
        StepPlan.Chunk again = plan().chunks().get(0);
        assertEquals(key(2, 0), again.sequence());
        assertEquals(30, again.tokens(), "the prompt and the two tokens that its client has");
        assertEquals(List.of("1 STARTED null", "2 STARTED null", "2 PREEMPTED NO_KV"), decided);
    }

    @Test
    void aRequestGoesOnWhereItsLastWorkerLeftIt() {
        bind(1, 10, 2, 8, 5, Progress.ENDED);
        assertEquals(15, plan().chunks().get(0).tokens());
        stepDone();
        assertEquals(List.of(key(1, 0)), plan().decodes());
        stepDone();
        stepDone();
        assertEquals(List.of(1L), report().ended());
    }

    private void order(WorkerOrder next) {
        tell(new WorkerEvent.Ordered(nowNanos, next));
    }

    private void arrives(long id, int prompt, int maxTokens, int generated) {
        RequestSpec request =
                new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(prompt), 1, maxTokens);
        Paused state = new Paused(id, List.of(generated), List.of(70L));
        order(new WorkerOrder.Import(++order, request, 90, false, state, new WorkerId("other")));
    }

    @Test
    void aPausedRequestKeepsItsKvUntilItIsDiscarded() {
        bind(1, 10, 1, 8);
        stepDone();
        order(new WorkerOrder.Pause(++order, 1));
        assertEquals(List.of(), last, "it is in a step");
        stepDone();
        assertEquals(List.of(new Paused(1, List.of(2), List.of(100L))), report().paused());
        assertFalse(planner.isRunning());
        assertEquals(3, planner.freeKvUnits());
        order(new WorkerOrder.Discard(++order, 1));
        assertEquals(
                List.of(new WorkerCommand.Release(key(1, 0), Cause.MOVED)),
                all(WorkerCommand.Release.class));
        assertEquals(List.of(), report().ended(), "it lives on elsewhere");
        assertEquals(4, planner.freeKvUnits());
    }

    @Test
    void aPausedRequestCanGoOn() {
        bind(1, 10, 1, 8);
        stepDone();
        order(new WorkerOrder.Pause(++order, 1));
        stepDone();
        order(new WorkerOrder.Resume(++order, 1));
        assertEquals(List.of(key(1, 0)), plan().decodes());
    }

    @Test
    void aRequestThatDoesNotDecodeIsNotPaused() {
        policy.chunk = 4;
        bind(1, 10, 1, 8);
        order(new WorkerOrder.Pause(++order, 1));
        stepDone();
        assertEquals(List.of(1L), report().goingOn());
        assertEquals(4, plan().chunks().get(0).fromToken());
    }

    @Test
    void anImportedRequestDecodesWhenItsKvIsHere() {
        arrives(1, 10, 8, 3);
        assertEquals(
                List.of(
                        new WorkerCommand.Fetch(
                                1,
                                new WorkerId("other"),
                                List.of(new WorkerCommand.Piece(key(1, 0), 12)))),
                all(WorkerCommand.Fetch.class));
        assertFalse(planner.isRunning());
        assertEquals(3, planner.freeKvUnits(), "KV is taken before the transfer");
        nowNanos += 50;
        tell(new WorkerEvent.Fetched(nowNanos, 1, true));
        assertEquals(List.of(key(1, 0)), plan().decodes());
        assertEquals(List.of(1L), report().goingOn());
        assertEquals(12, report().load().contextTokens());
    }

    @Test
    void aFailedTransferIsHandedBackAndHoldsNothing() {
        arrives(1, 10, 8, 3);
        tell(new WorkerEvent.Fetched(nowNanos, 1, false));
        assertEquals(List.of(new Progress(1, List.of(3))), report().handedBack());
        assertEquals(4, planner.freeKvUnits());
        assertEquals(0, planner.unfinished());
    }

    @Test
    void aWorkerWithoutKvHandsAnImportBackAtOnce() {
        for (int id = 1; id <= 4; id++) {
            bind(id, 10, 1, 8);
        }
        stepDone();
        arrives(5, 10, 8, 3);
        assertEquals(
                List.of(new WorkerCommand.Release(key(5, 0), Cause.HANDED_BACK)),
                all(WorkerCommand.Release.class));
        stepDone();
        assertEquals(List.of(new Progress(5, List.of(3))), report().handedBack());
    }

    @Test
    void anImportThatIsCancelledIsPinnedUntilItsTransferIsOver() {
        arrives(1, 10, 8, 3);
        order(new WorkerOrder.Cancel(++order, 1));
        assertEquals(3, planner.freeKvUnits());
        tell(new WorkerEvent.Fetched(nowNanos, 1, true));
        assertEquals(List.of(1L), report().ended());
        assertEquals(List.of(), report().goingOn());
        assertEquals(4, planner.freeKvUnits());
    }

    @Test
    void aStoppedSequenceLeavesTheOthers() {
        bind(1, 10, 2, 8);
        stepDone();
        tell(new WorkerEvent.SequenceStopped(nowNanos, key(1, 0)));
        stepDone();
        assertEquals(
                List.of(new WorkerCommand.Release(key(1, 0), Cause.STOPPED)),
                all(WorkerCommand.Release.class));
        assertEquals(List.of(key(1, 1)), plan().decodes());
    }

    @Test
    void aWholeWorkerRunsRequestsInOneStep() {
        planner = planner(new KvBudget.Slots(4, 100), WorkerSpec.Kind.WHOLE);
        bind(1, 1, 1, 1);
        bind(2, 1, 1, 1);
        bind(3, 1, 1, 1);
        stepDone();
        assertEquals(List.of(1L), report().ended());
        assertEquals(2, plan().chunks().size());
        stepDone();
        assertEquals(List.of(2L, 3L), report().ended());
    }

    @Test
    void ordersAreTakenOnceAndInOrder() {
        bind(1, 10, 1, 5);
        WorkerOrder again = new WorkerOrder.Cancel(1, 1);
        tell(new WorkerEvent.Ordered(nowNanos, again));
        assertEquals(List.of(), last);
        WorkerOrder gap = new WorkerOrder.Cancel(9, 1);
        assertThrows(
                IllegalStateException.class,
                () -> planner.on(new WorkerEvent.Ordered(nowNanos, gap)));
    }

    @Test
    void aPolicyThatAsksForTheImpossibleIsNamed() {
        StepPolicy idle = view -> Composition.IDLE;
        StepPlanner stuck =
                new StepPlanner(
                        new WorkerSpec(
                                new WorkerId("w"),
                                WorkerSpec.Kind.TOKEN_LEVEL,
                                new KvBudget.Slots(1, 100),
                                1,
                                true,
                                LATENCY),
                        idle);
        RequestSpec request = new RequestSpec(1, SloClass.BEST_EFFORT, 3, List.of(5), 1, 5);
        var e =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                stuck.on(
                                        new WorkerEvent.Ordered(
                                                0,
                                                new WorkerOrder.Bind(
                                                        1, request, 0, false, List.of()))));
        assertEquals("policy strands 1 sequences: it runs nothing", e.getMessage());
    }
}
