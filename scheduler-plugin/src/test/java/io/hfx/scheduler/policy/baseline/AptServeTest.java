package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeSequence.decode;
import static io.hfx.scheduler.policy.baseline.FakeSequence.prefill;
import static io.hfx.scheduler.policy.baseline.FakeSequence.view;
import static io.hfx.scheduler.policy.baseline.FakeWorker.fleet;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.route;
import static io.hfx.scheduler.policy.baseline.Requests.said;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static io.hfx.scheduler.policy.baseline.Requests.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.List;
import org.junit.jupiter.api.Test;

/** By hand: 1 ms a step, token and decode, 1,000 tokens of KV. */
class AptServeTest {
    private static final Slo SECOND = slo(1_000, 0, 0);

    private static StepPolicy policy() {
        return Requests.step("apt-serve", "chunk_tokens=100");
    }

    @Test
    void whoWaitsAlikeLongIsTakenByItsKv() {
        FakeSequence large = prefill(request(1, SECOND, 60, 9), 0);
        FakeSequence small = prefill(request(2, SECOND, 30, 9), 0);
        FakeSequence late = prefill(request(3, slo(5, 0, 0), 20, 9), 0);
        assertEquals("p2:30 p1:60 p3:10", said(policy().compose(view(10, large, small, late))));
    }

    /** Its 900 tokens take 901 ms to compute again. */
    @Test
    void whoWaitedLongerThanRecomputingTakesTheKv() {
        FakeSequence runs = decode(request(1, SECOND, 898, 50), 0, 3);
        FakeSequence waits = prefill(request(2, slo(5_000, 0, 0), 300, 9), 0);
        assertEquals("d1", said(policy().compose(view(500, runs, waits))), "it has no KV");
        Composition taken = policy().compose(view(1_000, runs, waits));
        assertEquals("p2:100", said(taken));
        assertEquals(List.of(new SequenceKey(1, 0)), taken.preempt());
        FakeSequence late = prefill(request(2, SECOND, 300, 9), 0);
        assertEquals("d1", said(policy().compose(view(1_001, runs, late))), "worth nothing now");
    }

    /** 500 and 499 of 1,000 tokens: there is room for one more of the two. */
    @Test
    void theLeastDenseGivesWayToGrowth() {
        FakeSequence larger = decode(request(1, SECOND, 498, 50), 0, 3);
        FakeSequence smaller = decode(request(2, SECOND, 497, 50), 0, 3);
        Composition step = policy().compose(view(0, larger, smaller));
        assertEquals("d2", said(step));
        assertEquals(List.of(new SequenceKey(1, 0)), step.preempt());
    }

    @Test
    void workersHaveSomeToChooseFromAndTheLateComeLast() {
        FleetPolicy policy = Requests.fleet("apt-serve", "queue_tokens=100");
        FakeWorker worker = new FakeWorker("w0");
        worker.freeKvUnits = 0;
        worker.requests = 1;
        assertEquals("w0", route(policy, waiting(1, SECOND, 60, 9), fleet(0, worker)));
        assertEquals("demote", route(policy, waiting(1, SECOND, 60, 9), fleet(1_001, worker)));
        worker.unstarted.add(waiting(2, SECOND, 100, 9));
        assertEquals("close", route(policy, waiting(3, SECOND, 60, 9), fleet(0, worker)));
    }
}
