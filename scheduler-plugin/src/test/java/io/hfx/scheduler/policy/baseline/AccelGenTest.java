package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeSequence.decode;
import static io.hfx.scheduler.policy.baseline.FakeSequence.prefill;
import static io.hfx.scheduler.policy.baseline.FakeSequence.view;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.said;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.List;
import org.junit.jupiter.api.Test;

/** AccelGen's batch on cases that one can check by hand: 1 ms a step, token and decode. */
class AccelGenTest {
    private static final Slo NONE = Slo.BEST_EFFORT;

    private final StepPolicy policy = step("gamma_ms=750");
    private final FakeSequence tight = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);

    private static StepPolicy step(String... settings) {
        String[] all = List.of(settings).toArray(new String[settings.length + 2]);
        all[settings.length] = "margin=1";
        all[settings.length + 1] = "min_chunk_tokens=4";
        return Requests.step("accelgen", all);
    }

    /** Of 20 ms the step and the decode take 2; the loose one can wait for a later step. */
    @Test
    void theTightestObjectiveMakesTheBudget() {
        FakeSequence loose = decode(request(2, slo(0, 200, 0), 5, 9), 0, 1);
        FakeSequence prompt = prefill(request(3, slo(600, 0, 0), 100, 9), 0);
        assertEquals("d1 p3:18", said(policy.compose(view(0, tight, loose, prompt))));
        assertEquals("d1 d2", said(policy.compose(view(0, tight, loose))));
    }

    /** The second has 500 ms more left, and fills the 18 tokens. */
    @Test
    void ofThoseWithAboutTheSameTimeLeftTheBestFitGoesFirst() {
        FakeSequence early = prefill(request(2, slo(1_000, 0, 0), 5, 9), 0);
        FakeSequence fits = prefill(request(3, slo(1_500, 0, 0), 18, 9), 0);
        assertEquals("d1 p3:18", said(policy.compose(view(0, tight, early, fits))));
        assertEquals(
                "d1 p2:5 p3:13", said(step("gamma_ms=100").compose(view(0, tight, early, fits))));
    }

    @Test
    void startedPromptsAreCompletedFirst() {
        FakeSequence started = prefill(request(2, slo(1_500, 0, 0), 12, 9), 7);
        FakeSequence fits = prefill(request(3, slo(1_000, 0, 0), 18, 9), 0);
        assertEquals("d1 p2:5 p3:13", said(policy.compose(view(0, tight, fits, started))));
    }

    /** Of 1,000 tokens of KV 990 are held, and the decode takes one. */
    @Test
    void aPromptIsCutToTheKvThatIsLeft() {
        FakeSequence large = decode(request(1, slo(0, 20, 0), 990, 9), 0, 1);
        FakeSequence prompt = prefill(request(2, slo(600, 0, 0), 100, 9), 0);
        assertEquals("d1 p2:9", said(policy.compose(view(0, large, prompt))));
    }

    @Test
    void whoeverMustRunTakesTheKvOfThoseWithTheMostTimeLeft() {
        FakeSequence must = decode(request(1, slo(0, 20, 0), 400, 9), 0, 1);
        FakeSequence other = decode(request(2, slo(0, 300, 0), 300, 9), 0, 1);
        FakeSequence most = decode(request(3, slo(0, 500, 0), 300, 9), 0, 1);
        Composition step = policy.compose(view(0, other, most, must));
        assertEquals("d1 d2", said(step));
        assertEquals(List.of(new SequenceKey(3, 0)), step.preempt());
    }

    /** 900 ms over 8 tokens: its next token can wait for 112 ms. */
    @Test
    void anEndToEndObjectiveIsSpreadOverTheTokensLeft() {
        FakeSequence ends = decode(request(2, slo(0, 0, 900), 5, 9), 0, 1);
        FakeSequence prompt = prefill(request(3, slo(600, 0, 0), 100, 9), 0);
        assertEquals("d1 p3:18", said(policy.compose(view(0, tight, ends, prompt))));
        assertEquals("d2 p3:98", said(policy.compose(view(100, ends, prompt))), "800 over 8");
    }

    @Test
    void whatIsLostGoesLastUnlessItIsToStayFirst() {
        FakeSequence lost = prefill(request(2, slo(10, 0, 0), 30, 9), 0);
        FakeSequence inTime = prefill(request(3, slo(900, 0, 0), 10, 9), 0);
        FakeSequence none = decode(request(4, NONE, 5, 9), 0, 1);
        assertEquals("d1 d4 p3:10 p2:7", said(policy.compose(view(0, tight, lost, inTime, none))));
        assertEquals(
                "d1 p2:18", said(step("demote=0").compose(view(0, tight, lost, inTime, none))));
        assertEquals("d4", said(policy.compose(view(0, none))));
        assertEquals("p2:30", said(policy.compose(view(0, lost))));
    }

    /** 600 and 400 of 1,000 tokens are held by prompts with much time left, and nothing decodes. */
    @Test
    void aWorkerWhoseKvIsHeldByStartedPromptsDoesNotStandStill() {
        FakeSequence one = prefill(request(1, slo(90_000, 0, 0), 800, 9), 600);
        FakeSequence two = prefill(request(2, slo(95_000, 0, 0), 800, 9), 400);
        Composition step = policy.compose(view(0, one, two));
        assertEquals("p1:4", said(step));
        assertEquals(List.of(new SequenceKey(2, 0)), step.preempt());
    }

    @Test
    void theQueueIsByLatestStart() {
        FakeWorker w0 = new FakeWorker("w0");
        FleetPolicy demotes = Requests.fleet("accelgen");
        FleetPolicy keeps = Requests.fleet("accelgen", "demote=0");
        Slo slo = slo(400, 0, 0);
        assertEquals(
                100 * FakeWorker.MS,
                demotes.rank(Requests.waiting(1, slo, 299, 9), FakeWorker.fleet(0, w0)).key(),
                "400 - 300");
        assertEquals(
                1, demotes.rank(Requests.waiting(2, NONE, 9, 9), FakeWorker.fleet(0, w0)).lane());
        assertEquals(
                "demote",
                Requests.route(
                        demotes, Requests.waiting(1, slo, 299, 9), FakeWorker.fleet(101, w0)));
        assertEquals(
                "w0",
                Requests.route(keeps, Requests.waiting(1, slo, 299, 9), FakeWorker.fleet(101, w0)));
    }
}
