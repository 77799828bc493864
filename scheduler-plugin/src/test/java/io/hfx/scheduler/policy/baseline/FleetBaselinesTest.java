package io.hfx.scheduler.policy.baseline;

import static io.hfx.scheduler.policy.baseline.FakeWorker.MS;
import static io.hfx.scheduler.policy.baseline.FakeWorker.fleet;
import static io.hfx.scheduler.policy.baseline.Requests.bind;
import static io.hfx.scheduler.policy.baseline.Requests.request;
import static io.hfx.scheduler.policy.baseline.Requests.route;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static io.hfx.scheduler.policy.baseline.Requests.waiting;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetPolicy.Migration;
import io.hfx.scheduler.policy.Running;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The dispatcher's halves, on cases that one can check by hand: 1 ms a step, token and decode. */
class FleetBaselinesTest {
    private static final Slo NONE = Slo.BEST_EFFORT;

    private final FakeWorker w0 = new FakeWorker("w0");
    private final FakeWorker w1 = new FakeWorker("w1");

    @Test
    void theRingGoesOnWhateverTheLoad() {
        FleetPolicy policy = Requests.fleet("round-robin");
        w0.decodes = 16;
        assertEquals("w0", bind(policy, waiting(1, NONE, 500, 10), fleet(0, w0, w1)));
        assertEquals("w1", bind(policy, waiting(2, NONE, 10, 10), fleet(0, w0, w1)));
        assertEquals("w0", bind(policy, waiting(3, NONE, 10, 10), fleet(0, w0, w1)));
        assertEquals("hold", route(policy, waiting(4, NONE, 990, 11), fleet(0, w0, w1)));
    }

    @Test
    void leastLoadedCountsPromptsAndDecodes() {
        FleetPolicy policy = Requests.fleet("least-loaded");
        w0.decodes = 2;
        w1.startedPrefillTokens = 127;
        assertEquals("w1", bind(policy, waiting(1, NONE, 1, 10), fleet(0, w0, w1)), "128 on w0");
        assertEquals("w0", bind(policy, waiting(2, NONE, 10, 10), fleet(0, w0, w1)));
    }

    @Test
    void twoChoicesDependOnTheRequestAlone() {
        FleetPolicy policy = Requests.fleet("least-loaded", "choices=2");
        FakeWorker[] many = new FakeWorker[8];
        for (int i = 0; i < 8; i++) {
            many[i] = new FakeWorker("w" + i);
        }
        List<String> first = picks(policy, many);
        assertEquals(first, picks(policy, many));
        assertTrue(first.stream().distinct().count() > 4, "spread: " + first);
    }

    private static List<String> picks(FleetPolicy policy, FakeWorker... workers) {
        return LongStream.range(0, 20)
                .mapToObj(id -> route(policy, waiting(id, NONE, 10, 10), fleet(0, workers)))
                .toList();
    }

    @Test
    void sjfRanksByPromptPlusTwiceTheOutput() {
        FleetPolicy policy = Requests.fleet("sjf");
        assertEquals(140, policy.rank(waiting(1, NONE, 100, 20), fleet(0)).key());
        assertEquals(130, policy.rank(waiting(2, NONE, 10, 60), fleet(0)).key());
        SloClass c = SloClass.BEST_EFFORT;
        RequestSpec predicted = new RequestSpec(3, c, 3, List.of(10), 1, 60, 5);
        Waiting known = new Waiting(predicted, 0, false, false);
        assertEquals(20, policy.rank(known, fleet(0)).key(), "a predictor says 5 tokens");
    }

    @Test
    void niyamaAddsEightMillisecondsForEachPromptToken() {
        FleetPolicy policy = Requests.fleet("niyama");
        Slo sixSeconds = slo(6_000, 50, 0);
        assertEquals(6_800 * MS, policy.rank(waiting(1, sixSeconds, 100, 9), fleet(0)).key());
        Waiting batch = waiting(2, slo(0, 0, 10_000), 100, 21);
        assertEquals(9_800 * MS, policy.rank(batch, fleet(0)).key(), "10 s - 20 * 50 ms + 0.8 s");
        assertEquals(1, policy.rank(waiting(3, NONE, 100, 9), fleet(0)).lane());
    }

    @Test
    void niyamaRelegatesWhatCannotMakeItsFirstToken() {
        FleetPolicy policy = Requests.fleet("niyama");
        Waiting request = waiting(1, slo(150, 0, 0), 100, 9);
        assertEquals("w0", route(policy, request, fleet(49, w0)), "101 ms of prefill from 49 ms");
        assertEquals("demote", route(policy, request, fleet(50, w0)));
    }

    @Test
    void flowPrefillRanksByLatestStart() {
        FleetPolicy policy = Requests.fleet("flowprefill");
        Waiting longer = waiting(1, slo(400, 0, 0), 299, 9);
        assertEquals(100 * MS, policy.rank(longer, fleet(0, w0)).key(), "400 - 300");
        assertEquals("w0", route(policy, longer, fleet(100, w0)));
        assertEquals("demote", route(policy, longer, fleet(101, w0)));
    }

    @Test
    void scorpioRefusesWhatMissesItsTtftAndLowersItIfToldTo() {
        Waiting request = waiting(1, slo(200, 0, 0), 100, 9);
        assertEquals("w0", route(Requests.fleet("scorpio"), request, fleet(49, w0)));
        assertEquals("refuse", route(Requests.fleet("scorpio"), request, fleet(50, w0)));
        assertEquals(
                "demote", route(Requests.fleet("scorpio", "refuse=0"), request, fleet(50, w0)));
        Waiting begun = new Waiting(request.request(), 0, false, true);
        assertEquals("w0", route(Requests.fleet("scorpio"), begun, fleet(50, w0)));
    }

    /** Two sequences at 10 ms and three at 20 ms make a batch of 2 + 3/2 beside the tightest. */
    @Test
    void scorpioStartsOnlyWhatLeavesTheTightestTpot() {
        FleetPolicy policy = Requests.fleet("scorpio", "epsilon=1");
        Slo tight = slo(0, 10, 0);
        Slo loose = slo(0, 20, 0);
        for (int id = 1; id <= 8; id++) {
            assertEquals("w0", bind(policy, waiting(id, tight, 1, 2), fleet(0, w0)), "" + id);
        }
        assertEquals("hold", route(policy, waiting(9, tight, 1, 2), fleet(0, w0)), "1 + 9 ms");
        assertEquals("w0", bind(policy, waiting(10, loose, 1, 2), fleet(0, w0)), "1 + 8.5 ms");
        assertEquals("hold", route(policy, waiting(11, loose, 1, 2), fleet(0, w0)), "1 + 9 ms");
        policy.left(w0.unstarted.get(0), w0);
        assertEquals("w0", route(policy, waiting(11, loose, 1, 2), fleet(0, w0)));
    }

    @Test
    void polyServeGivesBinsWorkersOfTheirOwn() {
        FleetPolicy policy = Requests.fleet("polyserve", "min_chunk_tokens=1", "margin=1");
        Slo tight = slo(0, 20, 0);
        Slo loose = slo(0, 100, 0);
        assertNotEquals(
                policy.rank(waiting(1, tight, 1, 2), fleet(0)).lane(),
                policy.rank(waiting(1, loose, 1, 2), fleet(0)).lane());
        assertEquals("w0", bind(policy, waiting(1, tight, 1, 2), fleet(0, w0, w1)));
        assertEquals("w1", bind(policy, waiting(2, loose, 1, 2), fleet(0, w0, w1)), "free");
        assertEquals("w0", bind(policy, waiting(3, tight, 1, 2), fleet(0, w0, w1)));
        assertEquals("w1", bind(policy, waiting(4, loose, 1, 2), fleet(0, w0, w1)));
        w1.freeKvUnits = 0;
        assertEquals("w0", route(policy, waiting(5, loose, 1, 2), fleet(0, w0, w1)), "promotion");
        w0.freeKvUnits = 0;
        assertEquals("closelane", route(policy, waiting(6, loose, 1, 2), fleet(0, w0, w1)));
    }

    @Test
    void polyServeFollowsTheGradientIfToldTo() {
        Slo slo = slo(0, 100, 0);
        for (String gradient : new String[] {"1", "0"}) {
            FleetPolicy policy = Requests.fleet("polyserve", "gradient=" + gradient);
            FakeWorker fuller = new FakeWorker("fuller");
            FakeWorker emptier = new FakeWorker("emptier");
            for (int i = 0; i < 2; i++) {
                policy.bound(waiting(i, slo, 1, 2), i == 0 ? fuller : emptier);
            }
            fuller.requests = 5;
            fuller.decodes = 5;
            emptier.requests = 1;
            emptier.decodes = 1;
            assertEquals(
                    gradient.equals("1") ? "fuller" : "emptier",
                    route(policy, waiting(9, slo, 1, 2), fleet(0, emptier, fuller)));
        }
    }

    /** 20 ms a step less 1 ms leaves 19 - 2 * pace tokens for prefill in each. */
    @Test
    void slosServeAcceptsUnderTheTokenLineOnly() {
        FleetPolicy policy = Requests.fleet("slos-serve", "margin=1", "min_chunk_tokens=1");
        Slo slo = slo(200, 20, 0);
        assertEquals("w0", bind(policy, waiting(1, slo, 90, 5), fleet(0, w0)), "18 in 20 ms");
        assertEquals("w0", bind(policy, waiting(2, slo, 79, 5), fleet(0, w0)), "17 in 20 ms: 170");
        assertEquals("demote", route(policy, waiting(3, slo, 1, 5), fleet(0, w0)), "16: 160");
        Slo later = slo(400, 20, 0);
        assertEquals("demote", route(policy, waiting(4, later, 100, 5), fleet(0, w0)));
        w0.unstarted.clear();
        assertEquals("w0", route(policy, waiting(4, later, 100, 5), fleet(0, w0)));
    }

    @Test
    void mooncakeTakesTheLowestTtftAndRefusesWhatMisses() {
        FleetPolicy policy = Requests.fleet("mooncake", "chunk_tokens=100", "chunk_share=0");
        w0.startedPrefillTokens = 50;
        Waiting request = waiting(1, slo(102, 0, 0), 100, 5);
        assertEquals("w1", route(policy, request, fleet(0, w0, w1)));
        assertEquals("refuse", route(policy, request, fleet(2, w0, w1)), "101 ms from 2 ms");
        assertEquals("w1", route(policy, waiting(2, NONE, 100, 5), fleet(0, w0, w1)));
        w1.decodes = 4;
        w0.startedPrefillTokens = 900;
        policy.bound(waiting(3, NONE, 1, 1_000), w1);
        Waiting tight = waiting(4, slo(0, 5, 0), 10, 5);
        assertEquals("refuse", route(policy, tight, fleet(0, w0, w1)), "almost 6 ms a step");
    }

    @Test
    void llumnixGoesToTheFreestAndMovesTheShortestAway() {
        FleetPolicy policy = Requests.fleet("llumnix");
        w0.freeKvUnits = 100;
        w1.freeKvUnits = 900;
        for (int id = 1; id <= 3; id++) {
            Waiting w = new Waiting(request(id, NONE, 100 * id, 50), 0, false, false);
            w0.running.add(new Running(w, 0, List.of(10), id != 1));
        }
        assertEquals("w1", route(policy, waiting(9, NONE, 1, 5), fleet(0, w0, w1)));
        assertEquals(
                List.of(new Migration(2, new WorkerId("w1"))),
                policy.migrations(fleet(0, w0, w1)),
                "33 steps left on w0; request 1 cannot move");
        assertEquals(List.of(), policy.migrations(fleet(49, w0, w1)), "looks every 50 ms");
        w1.freeKvUnits = 150;
        assertEquals(List.of(), policy.migrations(fleet(50, w0, w1)), "w1 is not free enough");
    }

    @Test
    void llumnixKeepsRoomBesideHighPriority() {
        FleetPolicy policy = Requests.fleet("llumnix");
        RequestSpec high = new RequestSpec(1, SloClass.BEST_EFFORT, 1, List.of(10), 1, 10);
        policy.bound(new Waiting(high, 0, false, false), w0);
        assertEquals("w1", route(policy, waiting(2, NONE, 1, 5), fleet(0, w0, w1)));
        policy.left(new Waiting(high, 0, false, false), w0);
        assertEquals("w0", route(policy, waiting(2, NONE, 1, 5), fleet(0, w0, w1)));
    }

    /** 60 tokens to compute in a batch of 2, against 110 in a batch of 1. */
    @Test
    void lmetricTakesTheLeastProductOfNewTokensAndBatch() {
        FleetPolicy policy = Requests.fleet("lmetric");
        w0.requests = 1;
        w0.startedPrefillTokens = 50;
        w1.startedPrefillTokens = 100;
        assertEquals("w1", route(policy, waiting(1, NONE, 10, 5), fleet(0, w0, w1)), "120, 110");
        w1.startedPrefillTokens = 120;
        assertEquals("w0", route(policy, waiting(2, NONE, 10, 5), fleet(0, w0, w1)), "120, 130");
        RequestSpec cached = request(3, NONE, 200, 5).withCachedTokens(List.of(190));
        Waiting known = new Waiting(cached, 0, false, false);
        assertEquals("w0", route(policy, known, fleet(0, w0, w1)), "10 of 200 tokens are new");
        assertEquals("w1", route(policy, waiting(4, NONE, 200, 5), fleet(0, w0, w1)));
    }
}
