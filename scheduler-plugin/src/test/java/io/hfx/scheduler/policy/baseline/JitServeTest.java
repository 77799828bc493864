package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeSequence.decode;
import static io.hfx.scheduler.policy.baseline.FakeSequence.prefill;
import static io.hfx.scheduler.policy.baseline.FakeSequence.view;
import static io.hfx.scheduler.policy.baseline.FakeWorker.MS;
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
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import org.junit.jupiter.api.Test;

/** JITServe on cases that one can check by hand: 1 ms a step, token and decode. */
class JitServeTest {
    private static final Slo NONE = Slo.BEST_EFFORT;

    private final FakeWorker w0 = new FakeWorker("w0");
    private final FakeWorker w1 = new FakeWorker("w1");
    private final StepPolicy step = Requests.step("jitserve", "margin=1", "min_chunk_tokens=1");

    @Test
    void ranksByWorkerTimeForOneUnitOfWeight() {
        FleetPolicy policy = Requests.fleet("jitserve");
        Slo slo = slo(200, 20, 0);
        assertEquals(15 * MS, policy.rank(waiting(1, slo, 10, 5), fleet(0, w0)).key());
        SloClass heavy = new SloClass("heavy", slo, OnMiss.DEMOTE, 3);
        RequestSpec worth = new RequestSpec(2, heavy, 3, List.of(10), 1, 5);
        Waiting waiting = new Waiting(worth, 0, false, false);
        assertEquals(5 * MS, policy.rank(waiting, fleet(0, w0)).key());
        assertEquals(1, policy.rank(waiting(3, NONE, 10, 5), fleet(0, w0)).lane());
    }

    /**
     * Steps of 20 ms with n decodes take (1 + n) / 20 of the time, 90 prompt tokens in 200 ms 0.45
     * of it.
     */
    @Test
    void bindsWhereTheBandwidthFits() {
        FleetPolicy policy = Requests.fleet("jitserve", "fill=1");
        Slo slo = slo(200, 20, 0);
        assertEquals("w0", bind(policy, waiting(1, slo, 90, 5), fleet(0, w0)));
        assertEquals("hold", route(policy, waiting(2, slo, 90, 5), fleet(0, w0)), "0.9 + 0.15");
        Slo later = slo(400, 20, 0);
        assertEquals("w0", bind(policy, waiting(3, later, 90, 5), fleet(0, w0)), "0.675 + 0.15");
        assertEquals(
                "hold", route(policy, waiting(4, slo, 1, 5), fleet(100, w0)), "0.9 + 0.3 + 0.2");
    }

    @Test
    void triesTheLeastLoadedOnly() {
        Slo slo = slo(200, 20, 0);
        w0.startedPrefillTokens = 170;
        w0.requests = 1;
        w1.decodes = 3;
        Waiting request = waiting(1, slo, 90, 5);
        FleetPolicy two = Requests.fleet("jitserve", "choices=2");
        assertEquals("w1", route(two, request, fleet(0, w0, w1)));
        FleetPolicy one = Requests.fleet("jitserve", "choices=1");
        assertEquals("hold", route(one, request, fleet(0, w0, w1)));
    }

    @Test
    void asksNoMoreThanEightBehindOneThatDoesNotFit() {
        FleetPolicy policy = Requests.fleet("jitserve");
        w0.startedPrefillTokens = 190;
        w0.requests = 1;
        for (int id = 1; id <= 8; id++) {
            assertEquals("hold", route(policy, waiting(id, slo(200, 20, 0), 90, 5), fleet(0, w0)));
        }
        assertEquals("closelane", route(policy, waiting(9, slo(200, 20, 0), 90, 5), fleet(0, w0)));
    }

    @Test
    void whatWaitedTooLongIsDemotedWithoutAnEvent() {
        FleetPolicy policy = Requests.fleet("jitserve");
        Waiting request = waiting(1, slo(150, 0, 0), 100, 9);
        assertEquals(49 * MS + 1, policy.reviewAtNanos(request, fleet(0, w0)));
        assertEquals("w0", route(policy, request, fleet(49, w0)), "101 ms of prefill");
        assertEquals("demote", route(policy, request, fleet(50, w0)));
        Waiting begun = new Waiting(request.request(), 0, false, true);
        assertEquals("w0", route(policy, begun, fleet(50, w0)), "its client has tokens");
    }

    @Test
    void decodesJustInTime() {
        FakeSequence tight = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);
        FakeSequence loose = decode(request(2, slo(0, 100, 0), 5, 9), 0, 1);
        FakeSequence prompt = prefill(request(3, slo(900, 0, 0), 500, 9), 0);
        assertEquals("d1 p3:18", said(step.compose(view(0, tight, loose, prompt))), "20 - 2");
        assertEquals("d1 d2", said(step.compose(view(0, tight, loose))));
        assertEquals("d2 p3:28", said(step.compose(view(70, loose, prompt))), "30 ms are left");
    }

    /** The steps of 3 ms have room for two decodes; the second has most of its output to come. */
    @Test
    void theLeastWorthGivesWayWhereBandwidthsDoNotFit() {
        FakeSequence a = decode(request(1, slo(0, 3, 0), 5, 10), 0, 1);
        FakeSequence b = decode(request(2, slo(0, 3, 0), 5, 100), 0, 1);
        FakeSequence c = decode(request(3, slo(0, 3, 0), 5, 10), 0, 1);
        assertEquals("d1 d3", said(step.compose(view(0, a, b, c))));
    }

    /** 990 ms for 99 tokens leave 10 ms each, for the 9 that others had 110. */
    @Test
    void theBoundOfAnOutputIsRefined() {
        FakeSequence ends = decode(request(1, slo(0, 0, 990), 5, 100), 0, 1);
        FakeSequence prompt = prefill(request(2, slo(900, 0, 0), 500, 9), 0);
        assertEquals("d1 p2:8", said(step.compose(view(0, ends, prompt))));
        for (int i = 0; i < 8; i++) {
            step.ended(decode(request(3 + i, slo(0, 0, 990), 5, 100), 0, 10));
        }
        assertEquals("d1 p2:108", said(step.compose(view(0, ends, prompt))));
    }

    @Test
    void theLostAndThoseWithoutObjectiveTakeWhatIsLeft() {
        FakeSequence tight = decode(request(1, slo(0, 20, 0), 5, 9), 0, 1);
        FakeSequence lost = decode(request(2, slo(0, 1, 0), 5, 9), 0, 1);
        FakeSequence none = decode(request(3, NONE, 5, 9), 0, 1);
        FakeSequence late = prefill(request(4, slo(10, 0, 0), 500, 9), 0);
        assertEquals("d1 d2 d3 p4:16", said(step.compose(view(0, tight, lost, none, late))));
        assertEquals("p4:249", said(step.compose(view(0, late))), "a step of 250 ms");
    }
}
