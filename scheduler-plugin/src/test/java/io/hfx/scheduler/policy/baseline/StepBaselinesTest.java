package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeSequence.decode;
import static io.hfx.scheduler.policy.baseline.FakeSequence.prefill;
import static io.hfx.scheduler.policy.baseline.FakeSequence.view;
import static io.hfx.scheduler.policy.baseline.FakeWorker.MS;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.said;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.message.StepPlan;
import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepPolicy.Verdict;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The workers' halves, on cases that one can check by hand: 1 ms a step, token and decode. */
class StepBaselinesTest {
    private static final Slo NONE = Slo.BEST_EFFORT;

    @Test
    void sarathiFillsAFixedBudgetInOrderOfArrival() {
        StepPolicy policy = Requests.step("sarathi", "chunk_tokens=100");
        assertEquals(
                "d1 p2:30 p3:69",
                said(
                        policy.compose(
                                view(
                                        0,
                                        decode(request(1, NONE, 5, 9), 0, 1),
                                        prefill(request(2, NONE, 40, 9), 10),
                                        prefill(request(3, NONE, 90, 9), 0)))));
    }

    /** 600 and 400 of 1,000 tokens are held and nothing decodes: one of the two must give way. */
    @Test
    void aWorkerWhoseKvIsHeldByStartedPrefillsDoesNotStandStill() {
        StepPolicy policy = Requests.step("sarathi", "chunk_tokens=100");
        Composition step =
                policy.compose(
                        view(
                                0,
                                prefill(request(1, NONE, 800, 9), 600),
                                prefill(request(2, NONE, 800, 9), 400)));
        assertEquals("p1:100", said(step));
        assertEquals(List.of(new SequenceKey(2, 0)), step.preempt());
    }

    @Test
    void sjfTakesTheShortestRest() {
        StepPolicy policy = Requests.step("sjf", "chunk_tokens=100");
        assertEquals(
                "p2:20 p1:80",
                said(
                        policy.compose(
                                view(
                                        0,
                                        prefill(request(1, NONE, 200, 9), 10),
                                        prefill(request(2, NONE, 20, 9), 0)))));
    }

    /** 1.2 * (1 + 1 + n) ms within the time until the next token is due. */
    @Test
    void niyamaTakesTheChunkThatTheSlackAllows() {
        StepPolicy policy = Requests.step("niyama", "min_chunk_tokens=10");
        FakeSequence running = decode(request(1, slo(0, 60, 0), 5, 9), 0, 1);
        FakeSequence waits = prefill(request(2, slo(6_000, 0, 0), 500, 9), 0);
        assertEquals("d1 p2:48", said(policy.compose(view(0, running, waits))), "60 / 1.2 - 2");
        assertEquals("d1 p2:10", said(policy.compose(view(90, running, waits))), "late");
        FakeSequence late = new FakeSequence(running.request(), 0, true, running.computed(), 1, 0);
        assertEquals("d1 p2:500", said(policy.compose(view(90, late, waits))), "given up");
    }

    @Test
    void niyamaMaySpendTheTimeThatAnEarlyFirstTokenLeft() {
        FakeSequence running = decode(request(1, slo(120, 60, 0), 5, 9), 0, 1);
        FakeSequence waits = prefill(request(2, slo(6_000, 0, 0), 500, 9), 0);
        StepPolicy policy = Requests.step("niyama", "bank_ttft=1");
        assertEquals("d1 p2:148", said(policy.compose(view(0, running, waits))), "180 / 1.2 - 2");
    }

    @Test
    void scorpioLetsLooseSequencesDecodeInTheirShareOfTheSteps() {
        StepPolicy policy = Requests.step("scorpio");
        FakeSequence tight = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);
        FakeSequence half = decode(request(2, slo(0, 40, 0), 5, 9), 0, 1);
        FakeSequence quarter = decode(request(3, slo(0, 80, 0), 5, 9), 0, 1);
        StringBuilder steps = new StringBuilder();
        for (int i = 0; i < 4; i++) {
            steps.append(said(policy.compose(view(i, tight, half, quarter)))).append(';');
        }
        assertEquals("d1;d1 d2;d1;d1 d2 d3;", steps.toString());
        assertEquals("d3", said(policy.compose(view(5, quarter))), "the tightest that is left");
    }

    @Test
    void polyServeLeavesTheTightestTpotItsTime() {
        StepPolicy policy = Requests.step("polyserve", "margin=1", "min_chunk_tokens=5");
        FakeSequence loose = decode(request(1, slo(0, 100, 0), 5, 9), 0, 1);
        FakeSequence tight = decode(request(2, slo(0, 20, 0), 5, 9), 0, 1);
        FakeSequence waits = prefill(request(3, NONE, 500, 9), 0);
        assertEquals("d1 p3:98", said(policy.compose(view(0, loose, waits))), "100 - 1 - 1");
        assertEquals("d1 d2 p3:17", said(policy.compose(view(0, loose, tight, waits))), "20 - 3");
    }

    /**
     * A step of 20 ms: the tight decode is due, the loose one may skip it, prefill comes between.
     */
    @Test
    void slosServePutsPrefillsBeforeDecodesAheadOfTheirTime() {
        StepPolicy policy = Requests.step("slos-serve", "margin=1", "min_chunk_tokens=1");
        FakeSequence tight = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);
        FakeSequence loose = decode(request(2, slo(0, 100, 0), 5, 9), 0, 1);
        FakeSequence accepted = prefill(request(3, slo(500, 20, 0), 500, 9), 0);
        FakeSequence rest = prefill(request(4, NONE, 500, 9), 0);
        assertEquals(
                "d1 p3:18", said(policy.compose(view(0, tight, loose, accepted, rest))), "20 - 2");
        assertEquals(
                "d1 d2 p3:17", said(policy.compose(view(70, tight, loose, accepted, rest))), "due");
        assertEquals("d1 d2 p4:17", said(policy.compose(view(0, tight, loose, rest))));
    }

    @Test
    void flowPrefillGrowsAStepOnlyWhileEveryMemberMakesIt() {
        StepPolicy policy = Requests.step("flowprefill");
        FakeSequence a = prefill(request(1, slo(100, 0, 0), 80, 9), 0);
        FakeSequence b = prefill(request(2, slo(1_000, 0, 0), 15, 9), 0);
        FakeSequence c = prefill(request(3, slo(2_000, 0, 0), 15, 9), 0);
        assertEquals("p1:80 p2:15", said(policy.compose(view(0, c, b, a))), "96 ms, not 111");
        FakeSequence late = prefill(request(4, slo(50, 0, 0), 80, 9), 0);
        assertEquals("p2:15 p3:15 p4:80", said(policy.compose(view(0, late, b, c))), "last");
    }

    @Test
    void flowPrefillYieldsToLessSlackAndToDueDecodes() {
        StepPolicy policy = Requests.step("flowprefill");
        policy.compose(view(0, prefill(request(1, slo(900, 0, 0), 700, 9), 0)));
        StepPlan running = plan();
        FakeSequence relaxed = prefill(request(2, slo(1_500, 0, 0), 100, 9), 0);
        FakeSequence hurried = prefill(request(3, slo(300, 0, 0), 100, 9), 0);
        FakeSequence hopeless = prefill(request(4, slo(150, 0, 0), 100, 9), 0);
        long restNanos = 600 * MS;
        assertEquals(Verdict.CONTINUE, policy.afterSlice(view(100, relaxed), running, restNanos));
        assertEquals(Verdict.CONTINUE, policy.afterSlice(view(101, hopeless), running, restNanos));
        assertEquals(Verdict.YIELD, policy.afterSlice(view(102, hurried), running, restNanos));
        FakeSequence soon = decode(request(5, slo(0, 60, 0), 5, 9), 100, 1);
        assertEquals(Verdict.CONTINUE, policy.afterSlice(view(112, soon), running, restNanos));
        assertEquals(Verdict.YIELD, policy.afterSlice(view(150, soon), running, restNanos));
    }

    private static StepPlan plan() {
        StepPlan.Chunk chunk = new StepPlan.Chunk(new SequenceKey(1, 0), 0, 700, true, List.of());
        return new StepPlan(List.of(), List.of(chunk));
    }
}
