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
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;
import java.util.List;
import org.junit.jupiter.api.Test;

class QlmTest {
    /** One token a millisecond. */
    private static final double TOKENS_PER_NANO = 1e-6;

    private static final Slo NONE = Slo.BEST_EFFORT;

    private final FakeWorker worker = new FakeWorker("w0");

    @Test
    void alikeObjectivesShareAGroupUntilItIsFull() {
        QlmGroups groups = new QlmGroups(2);
        Waiting[] tight = {
            waiting(1, slo(100, 0, 0), 10, 5),
            waiting(2, slo(101, 0, 0), 10, 5),
            waiting(3, slo(100, 0, 0), 10, 5)
        };
        Waiting loose = waiting(4, slo(400, 0, 0), 10, 5);
        for (Waiting w : tight) {
            groups.add(w);
        }
        groups.add(loose);
        assertEquals(groups.line(tight[0]), groups.line(tight[1]));
        assertNotEquals(groups.line(tight[0]), groups.line(tight[2]), "full");
        assertNotEquals(groups.line(tight[2]), groups.line(loose));
        String third = groups.line(tight[2]);
        groups.remove(tight[2]);
        groups.add(waiting(5, slo(100, 0, 0), 10, 5));
        assertNotEquals(third, groups.line(waiting(5, NONE, 10, 5)), "an empty one is closed");
    }

    /** 60 ms by 100, then 80 by 120, then 20 by 130: without the second the others are in time. */
    @Test
    void theCostliestGroupGivesWayWhereNotAllAreInTime() {
        QlmGroups groups = new QlmGroups(1);
        Waiting first = waiting(1, slo(100, 0, 0), 55, 5);
        Waiting costly = waiting(2, slo(120, 0, 0), 75, 5);
        Waiting last = waiting(3, slo(130, 0, 0), 15, 5);
        for (Waiting w : List.of(last, costly, first)) {
            groups.add(w);
        }
        assertTrue(groups.isChanged());
        groups.order(0, TOKENS_PER_NANO);
        assertTrue(turn(groups, first) < turn(groups, last));
        assertTrue(turn(groups, last) < turn(groups, costly));
        groups.order(0, 2 * TOKENS_PER_NANO);
        assertTrue(turn(groups, first) < turn(groups, costly), "twice as fast all are in time");
        assertTrue(turn(groups, costly) < turn(groups, last));
    }

    private static double turn(QlmGroups groups, Waiting request) {
        return groups.turn(groups.line(request));
    }

    @Test
    void aFullWorkerTakesWhomItCanEvictFor() {
        for (String evict : List.of("1", "0")) {
            FleetPolicy policy = Requests.fleet("qlm", "evict=" + evict);
            worker.requests = 1;
            worker.freeKvUnits = 10;
            policy.bound(waiting(1, NONE, 495, 5), worker);
            Waiting timed = waiting(2, slo(100, 50, 0), 100, 5);
            String to = evict.equals("1") ? "w0" : "close";
            assertEquals(to, route(policy, timed, fleet(0, worker)));
            assertEquals("close", route(policy, waiting(3, NONE, 100, 5), fleet(0, worker)));
            policy.left(waiting(1, NONE, 495, 5), worker);
            assertEquals("close", route(policy, timed, fleet(0, worker)), "nobody to evict");
        }
    }

    @Test
    void whoHasNoTpotGivesItsKvUp() {
        FakeSequence batch = decode(request(1, slo(0, 0, 60_000), 898, 50), 0, 3);
        FakeSequence waits = prefill(request(2, slo(100, 50, 0), 200, 5), 0);
        Composition step = Requests.step("qlm", "chunk_tokens=100").compose(view(0, batch, waits));
        assertEquals("p2:100", said(step));
        assertEquals(List.of(new SequenceKey(1, 0)), step.preempt());
        Composition kept =
                Requests.step("qlm", "chunk_tokens=100", "evict=0").compose(view(0, batch, waits));
        assertEquals("d1 p2:99", said(kept));
        FakeSequence paced = decode(request(1, slo(0, 50, 0), 898, 50), 0, 3);
        assertEquals(
                "d1 p2:99",
                said(Requests.step("qlm", "chunk_tokens=100").compose(view(0, paced, waits))));
    }
}
