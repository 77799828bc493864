package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeSequence.decode;
import static io.hfx.scheduler.policy.baseline.FakeSequence.prefill;
import static io.hfx.scheduler.policy.baseline.FakeSequence.view;
import static io.hfx.scheduler.policy.baseline.FakeWorker.fleet;
import static io.hfx.scheduler.policy.baseline.Requests.bind;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.route;
import static io.hfx.scheduler.policy.baseline.Requests.said;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static io.hfx.scheduler.policy.baseline.Requests.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.slo.Slo;
import org.junit.jupiter.api.Test;

/** Ascendra on cases that one can check by hand: 1 ms a step, token and decode. */
class AscendraTest {
    private static final Slo NONE = Slo.BEST_EFFORT;

    /** Of three workers the last is of the high-priority lane; a full step takes 101 ms. */
    private final FleetPolicy policy = Requests.fleet("ascendra", "full_tokens=100");

    private final FakeWorker w0 = new FakeWorker("w0");
    private final FakeWorker w1 = new FakeWorker("w1");
    private final FakeWorker w2 = new FakeWorker("w2");

    /** It must start at 1,000 - 101 ms, and is urgent a full step before that. */
    @Test
    void aRequestChangesTheLaneWhenItsTimeRunsShort() {
        Waiting request = waiting(1, slo(1_000, 0, 0), 100, 9);
        w0.decodes = 1;
        w1.decodes = 2;
        assertEquals("w0", route(policy, request, fleet(798, w0, w1, w2)));
        assertEquals("w2", route(policy, request, fleet(799, w0, w1, w2)));
        w2.decodes = 9;
        assertEquals("w2", route(policy, request, fleet(899, w0, w1, w2)));
        assertEquals("demote", route(policy, request, fleet(900, w0, w1, w2)));
        assertEquals("w0", route(policy, request, fleet(899, w0)), "one worker has both lanes");
    }

    @Test
    void aHighPriorityWorkerWithoutPromptsTakesOthersToo() {
        Slo relaxed = slo(9_000, 0, 0);
        assertEquals("w0", bind(policy, waiting(1, relaxed, 100, 9), fleet(0, w0, w1, w2)));
        assertEquals("w1", bind(policy, waiting(2, relaxed, 100, 9), fleet(0, w0, w1, w2)));
        assertEquals("w2", bind(policy, waiting(3, relaxed, 10, 9), fleet(0, w0, w1, w2)));
        assertEquals("close", route(policy, waiting(4, relaxed, 10, 9), fleet(0, w0, w1, w2)));
        Waiting urgent = waiting(5, slo(100, 0, 0), 10, 9);
        assertEquals("w2", route(policy, urgent, fleet(0, w0, w1, w2)));
    }

    @Test
    void anUrgentRequestTakesTheOtherLaneWhereItsOwnIsFull() {
        assertEquals("w2", bind(policy, waiting(1, slo(150, 0, 0), 100, 9), fleet(0, w0, w1, w2)));
        assertEquals("w0", route(policy, waiting(2, slo(150, 0, 0), 100, 9), fleet(0, w0, w1, w2)));
    }

    @Test
    void requestsWithoutObjectiveComeLastAndGoAnywhere() {
        assertEquals(1, policy.rank(waiting(1, NONE, 10, 9), fleet(0, w0)).lane());
        w0.decodes = 1;
        w1.decodes = 1;
        assertEquals("w2", route(policy, waiting(1, NONE, 10, 9), fleet(0, w0, w1, w2)));
    }

    @Test
    void lanesFollowTheFleet() {
        Waiting urgent = waiting(1, slo(100, 0, 0), 10, 9);
        assertEquals("w2", route(policy, urgent, fleet(0, w0, w1, w2)));
        assertEquals("w1", route(policy, urgent, fleet(0, w0, w1)));
        assertEquals("w2", route(policy, urgent, fleet(0, w0, w2)));
    }

    private final StepPolicy step =
            Requests.step("ascendra", "full_tokens=100", "margin=1", "min_chunk_tokens=4");
    private final FakeSequence running = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);

    @Test
    void aRelaxedPromptGetsTheTimeThatDecodesLeave() {
        FakeSequence relaxed = prefill(request(2, slo(6_000, 0, 0), 90, 9), 0);
        assertEquals("d1 p2:18", said(step.compose(view(0, running, relaxed))), "20 - 2");
        assertEquals("d1 p2:18", said(step.compose(view(5_900, running, relaxed))), "it stays so");
        assertEquals("p2:90", said(step.compose(view(0, relaxed))), "nobody decodes");
    }

    @Test
    void aPromptThatCameUrgentGoesBeforeTheDecodesPace() {
        FakeSequence urgent = prefill(request(2, slo(150, 0, 0), 90, 9), 0);
        FakeSequence relaxed = prefill(request(3, slo(6_000, 0, 0), 90, 9), 0);
        assertEquals("d1 p2:90", said(step.compose(view(0, running, relaxed, urgent))));
        FakeSequence lost = prefill(request(4, slo(50, 0, 0), 90, 9), 0);
        assertEquals("d1 p3:18", said(step.compose(view(0, running, lost, relaxed))), "last");
        assertEquals("p4:90", said(step.compose(view(0, lost))));
    }
}
