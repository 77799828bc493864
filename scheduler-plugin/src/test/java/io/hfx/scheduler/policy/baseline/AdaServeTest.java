package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeSequence.decode;
import static io.hfx.scheduler.policy.baseline.FakeSequence.prefill;
import static io.hfx.scheduler.policy.baseline.FakeSequence.view;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.said;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.slo.Slo;
import org.junit.jupiter.api.Test;

/** AdaServe's selection on cases that one can check by hand: 1 ms a step, token and decode. */
class AdaServeTest {
    private static final Slo NONE = Slo.BEST_EFFORT;

    private final StepPolicy policy = Requests.step("adaserve", "margin=1", "min_chunk_tokens=5");

    /** After 20 ms the tight one owes its token; the loose one owes 0.4 after another 20. */
    @Test
    void whoOwesNothingYetSitsOutForPrefill() {
        FakeSequence tight = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);
        FakeSequence loose = decode(request(2, slo(0, 100, 0), 5, 9), 0, 1);
        FakeSequence prompt = prefill(request(3, slo(6_000, 0, 0), 500, 9), 0);
        assertEquals("d1 p3:18", said(policy.compose(view(0, loose, tight, prompt))), "20 - 2");
        assertEquals("d1 d2", said(policy.compose(view(0, loose, tight))), "nothing else to do");
        assertEquals("d2 p3:28", said(policy.compose(view(70, loose, prompt))), "30 ms are left");
    }

    /** Tokens that came early let a later step be longer: what is owed counts from the first. */
    @Test
    void aStepIsAsLongAsNobodyOwesMoreThanItGives() {
        FakeSequence ahead = decode(request(1, slo(0, 20, 0), 5, 9), 0, 4);
        FakeSequence prompt = prefill(request(2, slo(6_000, 0, 0), 500, 9), 0);
        assertEquals("d1 p2:58", said(policy.compose(view(20, ahead, prompt))), "4 * 20 - 20 - 2");
    }

    /** Three decodes take 4 ms, a step has 3. */
    @Test
    void whoOwesMostGoesFirst() {
        FakeSequence one = decode(request(1, slo(0, 3, 0), 5, 9), 0, 1);
        FakeSequence two = decode(request(2, slo(0, 3, 0), 5, 9), 0, 2);
        FakeSequence three = decode(request(3, slo(0, 3, 0), 5, 9), 0, 1);
        assertEquals("d1 d3", said(policy.compose(view(3, two, one, three))));
    }

    @Test
    void whoIsBehindLeavesPrefillTheLeastChunk() {
        FakeSequence behind = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);
        FakeSequence prompt = prefill(request(2, slo(6_000, 0, 0), 500, 9), 0);
        assertEquals("d1 p2:5", said(policy.compose(view(60, behind, prompt))));
    }

    /** Half of the 800 ms left, spread over 8 tokens, is 50 ms. */
    @Test
    void anEndToEndObjectiveIsOwedOverTheTokensLeft() {
        FakeSequence ends = decode(request(1, slo(0, 0, 900), 5, 9), 0, 1);
        FakeSequence prompt = prefill(request(2, slo(6_000, 0, 0), 500, 9), 0);
        assertEquals("d1 p2:48", said(policy.compose(view(100, ends, prompt))));
    }

    @Test
    void lostPromptsAndThoseWithoutObjectiveTakeWhatIsLeft() {
        FakeSequence tight = decode(request(1, slo(0, 50, 0), 5, 9), 0, 1);
        FakeSequence lost = prefill(request(2, slo(10, 0, 0), 30, 9), 0);
        FakeSequence none = decode(request(3, NONE, 5, 9), 0, 1);
        FakeSequence inTime = prefill(request(4, slo(900, 0, 0), 30, 9), 0);
        assertEquals("d1 d3 p4:30 p2:17", said(policy.compose(view(0, lost, none, tight, inTime))));
        assertEquals("d3", said(policy.compose(view(0, none))));
        assertEquals("p2:30", said(policy.compose(view(0, lost))));
    }
}
