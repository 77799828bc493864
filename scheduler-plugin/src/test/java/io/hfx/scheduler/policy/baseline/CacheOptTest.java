package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeSequence.decode;
import static io.hfx.scheduler.policy.baseline.FakeSequence.prefill;
import static io.hfx.scheduler.policy.baseline.FakeSequence.view;
import static io.hfx.scheduler.policy.baseline.FakeWorker.fleet;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.route;
import static io.hfx.scheduler.policy.baseline.Requests.said;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By hand: 1,000 tokens of KV, of which 30 are kept for those that outgrow their predictions. */
class CacheOptTest {
    private static final Slo NONE = Slo.BEST_EFFORT;

    private static StepPolicy policy() {
        return Requests.step("cacheopt", "chunk_tokens=100");
    }

    /** Before the first ends after 8 steps, 500 + 430 + 2 * 8 tokens are held. */
    @Test
    void aPromptStartsWhereAllFitUntilItEnds() {
        FakeSequence runs = decode(request(1, NONE, 499, 10), 0, 2);
        assertEquals(
                "d1 p2:99",
                said(policy().compose(view(0, runs, prefill(request(2, NONE, 430, 400), 0)))),
                "its own output fits when the first is gone");
        FakeSequence large = prefill(request(2, NONE, 460, 400), 0);
        assertEquals("d1", said(policy().compose(view(0, runs, large))));
        FakeSequence small = prefill(request(3, NONE, 30, 5), 0);
        assertEquals("d1 p3:30", said(policy().compose(view(0, runs, large, small))), "before it");
        assertEquals("p2:100", said(policy().compose(view(0, large))), "alone it always starts");
    }

    @Test
    void theLoosestTpotGivesItsKvUpFirst() {
        FakeSequence tight = decode(request(1, slo(0, 50, 0), 499, 300), 0, 2);
        FakeSequence loose = decode(request(2, slo(0, 100, 0), 499, 200), 0, 2);
        Composition step = policy().compose(view(0, loose, tight));
        assertEquals("d1", said(step));
        assertEquals(List.of(new SequenceKey(2, 0)), step.preempt());
        FakeSequence longer = decode(request(3, slo(0, 50, 0), 499, 400), 0, 2);
        assertEquals("d1", said(policy().compose(view(0, longer, tight))), "300 less to come");
    }

    /** Errors from 0 to 7: the range of 7 times sqrt(-ln(0.2) / 2), which is 0.897. */
    @Test
    void predictionsArePaddedByTheErrorsSeen() {
        PaddedLengths lengths = new PaddedLengths(0.8, 0);
        FakeSequence fresh = decode(request(9, NONE, 10, 100).withOutput(100, 10), 0, 1);
        assertEquals(9, lengths.remaining(fresh), "nothing seen");
        for (int i = 0; i < 8; i++) {
            RequestSpec r = request(i, NONE, 10, 100).withOutput(100, 10);
            lengths.ended(decode(r, 0, 10 + i));
        }
        assertEquals(15, lengths.remaining(fresh));
        FakeSequence outgrown = decode(request(9, NONE, 10, 100).withOutput(100, 10), 0, 40);
        assertEquals(10, lengths.remaining(outgrown), "a quarter of what it has");
    }

    @Test
    void whereNobodyPredictsTheLengthsSeenDo() {
        PaddedLengths lengths = new PaddedLengths(0.5, 0);
        FakeSequence fresh = decode(request(9, NONE, 10, 1_000), 0, 1);
        assertEquals(999, lengths.remaining(fresh), "the most there can be");
        for (int i = 1; i <= 100; i++) {
            lengths.ended(decode(request(i, NONE, 10, 1_000), 0, i));
        }
        int median = lengths.remaining(fresh);
        assertTrue(median >= 49 && median <= 51, "was " + median);
    }

    @Test
    void theMoreArriveTheLessIsPadded() {
        PaddedLengths idle = new PaddedLengths(0.8, 0.5);
        PaddedLengths busy = new PaddedLengths(0.8, 0.5);
        FakeSequence fresh = decode(request(9, NONE, 10, 100).withOutput(100, 10), 0, 1);
        for (int i = 0; i < 8; i++) {
            RequestSpec r = request(i, NONE, 10, 100).withOutput(100, 10);
            idle.ended(decode(r, 0, 10 + 2 * i));
            busy.ended(decode(r, 0, 10 + 2 * i));
        }
        for (int i = 0; i < 100; i++) {
            busy.arrived(i);
        }
        assertTrue(busy.remaining(fresh) < idle.remaining(fresh));
    }

    @Test
    void workersAreChosenByExpectedOutputs() {
        FleetPolicy policy = Requests.fleet("cacheopt");
        FakeWorker worker = new FakeWorker("w0");
        worker.requests = 1;
        worker.freeKvUnits = 200;
        RequestSpec r = request(1, NONE, 100, 900);
        assertEquals("close", route(policy, new Waiting(r, 0, false, false), fleet(0, worker)));
        Waiting predicted = new Waiting(r.withOutput(900, 90), 0, false, false);
        assertEquals("w0", route(policy, predicted, fleet(0, worker)));
    }
}
