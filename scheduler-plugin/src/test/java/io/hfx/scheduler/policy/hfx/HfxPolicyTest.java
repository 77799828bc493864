package io.hfx.scheduler.policy.hfx;

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
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.baseline.FakeSequence;
import io.hfx.scheduler.policy.baseline.FakeWorker;
import io.hfx.scheduler.policy.baseline.Requests;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** On cases that one can check by hand: 1 ms a step, a prefill token and a decode. */
class HfxPolicyTest {
    private static final String[] EXACT = {
        "margin=1", "min_chunk_share=0", "displace=0", "thrift=0"
    };

    private static final String[] DISPLACING = {"margin=1", "displace=2"};

    private final FakeWorker w0 = new FakeWorker("w0");
    private final FakeWorker w1 = new FakeWorker("w1");

    @Test
    void aRequestGoesWhereItsFirstTokenIsSoonest() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        Slo loose = slo(1_000, 0, 0);
        assertEquals("w0", bind(policy, waiting(1, loose, 300, 1), fleet(0, w0, w1)));
        assertEquals("w1", bind(policy, waiting(2, loose, 200, 1), fleet(0, w0, w1)));
        assertEquals("w1", bind(policy, waiting(3, loose, 50, 1), fleet(0, w0, w1)));
    }

    @Test
    void nobodyWhoWasAdmittedIsMadeLate() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        assertEquals("w0", bind(policy, waiting(1, slo(100, 0, 0), 80, 1), fleet(0, w0)));
        // before it 40 tokens more would be in time, and it would be late
        assertEquals("demote", route(policy, waiting(2, slo(60, 0, 0), 40, 1), fleet(0, w0)));
        assertEquals("w1", route(policy, waiting(2, slo(60, 0, 0), 40, 1), fleet(0, w0, w1)));
        // behind it 40 are in time for what is due later
        assertEquals("w0", route(policy, waiting(3, slo(200, 0, 0), 40, 1), fleet(0, w0)));
    }

    @Test
    void whatAWorkerToldChangesWhatItHasPromised() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        Waiting first = waiting(1, slo(100, 0, 0), 40, 1);
        Waiting second = waiting(2, slo(200, 0, 0), 70, 1);
        assertEquals("w0", bind(policy, first, fleet(0, w0)));
        assertEquals("w0", route(policy, second, fleet(0, w0)));
        // 6 ms of decodes, then 80 and 140 of prefill
        w0.latency = FakeWorker.LATENCY.times(2);
        policy.reported(w0);
        assertEquals("demote", route(policy, second, fleet(0, w0)));
        w0.unstarted.remove(first);
        policy.started(first, w0);
        assertEquals("w0", route(policy, second, fleet(0, w0)));
    }

    @Test
    void priorityComesBeforeTheDeadline() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        Waiting first = withPriority(waiting(1, slo(200, 0, 0), 80, 1), 1);
        assertEquals("w0", bind(policy, first, fleet(0, w0)));
        // it is due before that one, but comes after it
        assertEquals("demote", route(policy, waiting(2, slo(100, 0, 0), 40, 1), fleet(0, w0)));
        Waiting prior = withPriority(waiting(2, slo(100, 0, 0), 40, 1), 0);
        assertEquals("w0", route(policy, prior, fleet(0, w0)));

        StepPolicy step = Requests.step("hfx", EXACT);
        FakeSequence soon = prefill(request(3, slo(1_000, 0, 0), 20, 1), 0);
        FakeSequence later =
                prefill(withPriority(waiting(4, slo(9_000, 0, 0), 30, 1), 1).request(), 0);
        assertEquals("p4:30 p3:20", said(step.compose(view(0, soon, later))));
    }

    @Test
    void whoIsMuchMoreWorkGivesUpItsPlace() {
        Slo first = slo(100, 0, 0);
        Slo second = slo(60, 0, 0);
        FleetPolicy policy = Requests.fleet("hfx", DISPLACING);
        assertEquals("w0", bind(policy, waiting(1, first, 82, 1), fleet(0, w0)));
        assertEquals("w0 for 1", route(policy, waiting(2, second, 40, 1), fleet(0, w0)));
        assertEquals("demote", route(policy, waiting(2, second, 41, 1), fleet(0, w0)), "not twice");
        Waiting urgent = waiting(2, slo(20, 0, 0), 20, 1);
        assertEquals("demote", route(policy, urgent, fleet(0, w0)), "late in its place, too");
    }

    @Test
    void whoHoldsKvForLongLeavesRoomForTheBrief() {
        FleetPolicy policy = Requests.fleet("hfx", "margin=1", "kv_reserve=3");
        w0.requests = 1;
        for (int i = 0; i < 50; i++) {
            pass(policy, "brief", 100 * i, 10 * i + 1, 100);
            pass(policy, "lengthy", 100 * i, 10 * i + 2, 5_000);
        }
        Waiting first = come("lengthy", 5_000, 1_001);
        assertEquals("w0", bind(policy, first, fleet(5_000, w0)), "one is always let in");
        // about one of the brief with 11 units is there at once
        w0.freeKvUnits = 30;
        Waiting second = come("lengthy", 5_000, 1_002);
        assertEquals("closeline", route(policy, second, fleet(5_000, w0)));
        Waiting brief = come("brief", 5_000, 1_003);
        assertEquals("w0", route(policy, brief, fleet(5_000, w0)));
        w0.freeKvUnits = 60;
        assertEquals("w0", route(policy, second, fleet(5_000, w0)));
    }

    /** A request comes, holds its KV for a time and goes. */
    private void pass(FleetPolicy policy, String name, int atMillis, long id, int holdMillis) {
        w0.freeKvUnits = 1_000;
        Waiting w = come(name, atMillis, id);
        assertEquals("w0", route(policy, w, fleet(atMillis, w0)));
        policy.bound(w, w0);
        Waiting late = waiting(0, slo(1, 0, 0), 500, 1);
        assertEquals("demote", route(policy, late, fleet(atMillis + holdMillis, w0)));
        policy.left(w, w0);
    }

    private static Waiting come(String name, int atMillis, long id) {
        SloClass sloClass = new SloClass(name, slo(20_000, 0, 0), OnMiss.DEMOTE, 1);
        RequestSpec spec = new RequestSpec(id, sloClass, 3, List.of(10), 1, 1);
        return new Waiting(spec, atMillis * MS, false, false);
    }

    @Test
    void whoCountsForMoreKeepsItsPlace() {
        FleetPolicy policy = Requests.fleet("hfx", DISPLACING);
        Waiting heavy = of(new SloClass("heavy", slo(100, 0, 0), OnMiss.DEMOTE, 2), 1, 85);
        assertEquals("w0", bind(policy, heavy, fleet(0, w0)));
        assertEquals("demote", route(policy, waiting(2, slo(60, 0, 0), 40, 1), fleet(0, w0)));
        assertEquals("w0 for 1", route(policy, waiting(2, slo(60, 0, 0), 20, 1), fleet(0, w0)));
    }

    @Test
    void aTenantThatFloodsGivesWayFirst() {
        FleetPolicy policy = Requests.fleet("hfx", "margin=1", "fairness=4");
        SloClass plain = new SloClass("c", slo(100, 0, 0), OnMiss.DEMOTE, 1);
        for (int id = 1; id <= 4; id++) {
            assertEquals("w0", bind(policy, ofTenant("flood", of(plain, id, 20)), fleet(0, w0)));
        }
        // as much work as each of those, and no more room than for them
        Waiting flood = ofTenant("flood", waiting(5, slo(90, 0, 0), 20, 1));
        assertEquals("demote", route(policy, flood, fleet(0, w0)));
        Waiting meek = ofTenant("meek", waiting(6, slo(90, 0, 0), 20, 1));
        assertEquals("w0 for 1", route(policy, meek, fleet(0, w0)));
    }

    private static Waiting ofTenant(String tenant, Waiting w) {
        return new Waiting(w.request().withTenant(tenant), w.arrivalNanos(), false, false);
    }

    @Test
    void whoWasPromisedAnAnswerKeepsItsPlace() {
        FleetPolicy policy = Requests.fleet("hfx", DISPLACING);
        Waiting firm = of(new SloClass("firm", slo(100, 0, 0), OnMiss.REJECT, 1), 1, 81);
        assertEquals("w0", bind(policy, firm, fleet(0, w0)));
        assertEquals("demote", route(policy, waiting(2, slo(60, 0, 0), 40, 1), fleet(0, w0)));
    }

    private static Waiting of(SloClass sloClass, long id, int prompt) {
        RequestSpec spec = new RequestSpec(id, sloClass, 3, List.of(prompt), 1, 1);
        return new Waiting(spec, 0, false, false);
    }

    private static Waiting withPriority(Waiting w, int priority) {
        RequestSpec r = w.request();
        RequestSpec spec =
                new RequestSpec(r.id(), r.sloClass(), priority, r.promptTokens(), 1, r.maxTokens());
        return new Waiting(spec, w.arrivalNanos(), false, false);
    }

    @Test
    void whatCannotBeInTimeAnywhereIsLateAtOnce() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        assertEquals("w0", route(policy, waiting(1, slo(100, 0, 0), 90, 1), fleet(0, w0)));
        assertEquals("demote", route(policy, waiting(2, slo(100, 0, 0), 101, 1), fleet(0, w0)));
    }

    @Test
    void aWorkerAdmitsOnlyWhatItCanDecodeInTime() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        Slo slo = slo(10_000, 10, 0);
        // a step of n decodes takes 1 + n of 10 ms, of which decodes may take 9
        for (int id = 1; id <= 8; id++) {
            assertEquals("w0", bind(policy, waiting(id, slo, 1, 10), fleet(0, w0)), "id " + id);
        }
        assertEquals("demote", route(policy, waiting(9, slo, 1, 10), fleet(0, w0)));
    }

    @Test
    void thoseThatMayTakeLongerCountByTheirShareOfTheSteps() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        for (int id = 1; id <= 4; id++) {
            assertEquals("w0", bind(policy, waiting(id, slo(10_000, 10, 0), 1, 9), fleet(0, w0)));
        }
        // 4 in every step, 29 in each tenth, and one more: below 9 of 10 ms
        for (int id = 5; id <= 33; id++) {
            Slo loose = slo(10_000, 100, 0);
            assertEquals("w0", bind(policy, waiting(id, loose, 1, 9), fleet(0, w0)), "id " + id);
        }
        assertEquals("demote", route(policy, waiting(99, slo(10_000, 10, 0), 1, 9), fleet(0, w0)));
    }

    @Test
    void aDecodeThatClosesItsWorkerIsTakenWhereTheOthersCanDoWithoutIt() {
        FleetPolicy policy = Requests.fleet("hfx", "margin=1", "displace=0", "spare=2");
        // its decodes take 2 of 2.2 ms
        Waiting tight = waiting(9, new Slo(5_000 * MS, 2_200_000, Slo.NONE), 5, 10);
        policy.rank(waiting(1, slo(1_000, 100, 0), 300, 1), fleet(0, w0, w1));
        policy.rank(waiting(2, slo(1_000, 100, 0), 300, 1), fleet(1_000, w0, w1));
        // 0.6 of a worker come: one must not do it all alone, two can
        FakeWorker w2 = new FakeWorker("w2");
        assertEquals("demote", route(policy, tight, fleet(1_000, w0, w1)));
        assertEquals("w0", route(policy, tight, fleet(1_000, w0, w1, w2)));
        assertEquals("w0", route(Requests.fleet("hfx", "spare=2"), tight, fleet(1_000, w0)));
    }

    @Test
    void whereOnlyKvIsMissingARequestWaits() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        w0.requests = 1;
        w0.freeKvUnits = 10;
        assertEquals("closelane", route(policy, waiting(1, slo(100, 0, 0), 20, 1), fleet(0, w0)));
    }

    @Test
    void aLongPromptMayTakeAllThatFastStepsHaveSaved() {
        StepPolicy policy = Requests.step("hfx", EXACT);
        // ten tokens of 20 ms in 60 ms: the next is due in 140
        FakeSequence running = decode(request(1, slo(0, 20, 0), 5, 11), 0, 10);
        FakeSequence prompt = prefill(request(2, slo(10_000, 0, 0), 130, 1), 0);
        assertEquals("d1 p2:130", said(policy.compose(view(60, running, prompt))));
        assertEquals("d1 p2:112", said(policy.compose(view(80, running, prompt))));
    }

    @Test
    void aPromptThatHasTimeLeavesWhatFastStepsHaveSaved() {
        String[] thrifty = {"margin=1", "min_chunk_share=0", "thrift=2"};
        FakeSequence running = decode(request(1, slo(0, 20, 0), 5, 11), 0, 10);
        FakeSequence loose = prefill(request(2, slo(10_000, 0, 0), 130, 1), 0);
        // of the 140 ms until its next token two tokens' time is left
        assertEquals(
                "d1 p2:96", said(Requests.step("hfx", thrifty).compose(view(60, running, loose))));
        // and a step may always take what the decodes have for it
        thrifty[2] = "thrift=8";
        StepPolicy policy = Requests.step("hfx", thrifty);
        assertEquals("d1 p2:16", said(policy.compose(view(60, running, loose))));
        // in steps of 20 ms 120 tokens take 136: that is just in time, and 130 are late
        FakeSequence just = prefill(request(3, slo(200, 0, 0), 120, 1), 0);
        assertEquals("d1 p3:16", said(policy.compose(view(60, running, just))));
        FakeSequence urgent = prefill(request(3, slo(200, 0, 0), 130, 1), 0);
        assertEquals("d1 p3:130", said(policy.compose(view(60, running, urgent))));
        // who is due behind an urgent one may spend it, too
        FakeSequence first = prefill(request(3, slo(200, 0, 0), 100, 1), 0);
        FakeSequence second = prefill(request(4, slo(210, 0, 0), 38, 1), 0);
        assertEquals("d1 p3:100 p4:38", said(policy.compose(view(60, running, first, second))));
    }

    @Test
    void noMoreThanAFewTokensAreKeptBack() {
        StepPolicy policy =
                Requests.step(
                        "hfx",
                        "margin=0.9",
                        "reserve=2",
                        "min_chunk_share=0",
                        "borrow=0",
                        "thrift=0");
        FakeSequence prompt = prefill(request(2, slo(10_000, 0, 0), 900, 1), 0);
        // a tenth of ten tokens is kept back: the eleventh is due after 9 of 20 ms
        FakeSequence ten = decode(request(1, slo(0, 20, 0), 5, 200), 0, 10);
        assertEquals("d1 p2:176", said(policy.compose(view(0, ten, prompt))));
        // of 40 tokens 2, not 4
        FakeSequence forty = decode(request(1, slo(0, 20, 0), 5, 200), 0, 40);
        assertEquals("d1 p2:176", said(policy.compose(view(580, forty, prompt))));
    }

    @Test
    void aStepEndsInTimeForTheFirstTokensThatItMakes() {
        StepPolicy policy = Requests.step("hfx", "margin=0.9", "min_chunk_share=0");
        FakeSequence tight = prefill(request(1, slo(100, 0, 0), 50, 1), 0);
        FakeSequence loose = prefill(request(2, slo(10_000, 0, 0), 300, 1), 0);
        FakeSequence leftover = prefill(request(3, Slo.BEST_EFFORT, 300, 1), 0);
        // 90 of its 100 ms are planned with
        assertEquals("p1:50 p2:32 p3:7", said(policy.compose(view(0, tight, loose, leftover))));
        assertEquals("p2:300 p3:300", said(policy.compose(view(0, loose, leftover))));
    }

    @Test
    void aStepTakesAsMuchPrefillAsItsFixedTimeIsWorth() {
        FakeSequence behind = decode(request(1, slo(0, 20, 0), 5, 200), 0, 40);
        FakeSequence prompt = prefill(request(2, slo(10_000, 0, 0), 900, 1), 0);
        StepPolicy policy = Requests.step("hfx", "min_chunk_share=9");
        // nothing is left for it in time, and a step costs 1 ms anyhow
        assertEquals("d1 p2:9", said(policy.compose(view(770, behind, prompt))));
    }

    @Test
    void partOfWhatThePredictedTokensWillSaveIsSpentAhead() {
        RequestSpec long40 = request(1, slo(0, 20, 0), 5, 100);
        RequestSpec predicted = new RequestSpec(1, long40.sloClass(), 3, List.of(5), 1, 100, 41);
        FakeSequence prompt = prefill(request(2, slo(10_000, 0, 0), 300, 1), 0);
        String[] none = {"margin=1", "min_chunk_share=0", "thrift=0", "borrow=0"};
        StepPolicy careful = Requests.step("hfx", none);
        assertEquals("d1 p2:16", said(careful.compose(view(0, decode(predicted, 0, 1), prompt))));
        // 39 tokens after the next save 18 ms each, and a quarter of that is lent: 20 + 175 ms
        String[] quarter = {"margin=1", "min_chunk_share=0", "thrift=0", "borrow=0.25"};
        StepPolicy lending = Requests.step("hfx", quarter);
        assertEquals("d1 p2:192", said(lending.compose(view(0, decode(predicted, 0, 1), prompt))));
    }

    @Test
    void anEndToEndDeadlineIsPlannedByTheOutputsThatAreUsual() {
        FleetPolicy policy = Requests.fleet("hfx", EXACT);
        // 8 decodes and a chunk of 64 are 73 ms: not for 100 tokens in 2 s, and well for 12
        Waiting request = waiting(1, slo(0, 0, 2_000), 50, 100);
        assertEquals("demote", route(policy, request, fleet(0, w0)));
        StepPolicy step = Requests.step("hfx", EXACT);
        FakeSequence running = decode(request.request(), 0, 12);
        for (int i = 0; i < 8; i++) {
            step.ended(running);
        }
        step.compose(view(0, running));
        assertEquals(Map.of("c", 12), step.outlook().usualOutputs());
        w0.outlook = step.outlook();
        assertEquals("w0", route(policy, request, fleet(0, w0)));
    }

    @Test
    void lengthsSeenStandForPredictions() {
        StepPolicy policy = Requests.step("hfx", EXACT);
        RequestSpec spec = request(1, slo(0, 20, 0), 5, 100);
        FakeSequence prompt = prefill(request(2, slo(10_000, 0, 0), 300, 1), 0);
        FakeSequence running = decode(spec, 0, 1);
        assertEquals("d1 p2:16", said(policy.compose(view(0, running, prompt))));
        for (int i = 0; i < 8; i++) {
            policy.ended(decode(spec, 0, 12));
        }
        // 10 tokens after the next save 18 ms each, of which a fifth is lent: 20 + 36 ms
        assertEquals("d1 p2:48", said(policy.compose(view(0, running, prompt))));
    }

    @Test
    void whoIsFarAheadSitsAStepOutForAPrompt() {
        StepPolicy policy = Requests.step("hfx", EXACT);
        FakeSequence tight = decode(request(1, slo(0, 18, 0), 5, 11), 40, 1);
        FakeSequence loose = decode(request(2, slo(0, 100, 0), 5, 11), 0, 1);
        FakeSequence prompt = prefill(request(3, slo(10_000, 0, 0), 300, 1), 0);
        assertEquals("d1 p3:16", said(policy.compose(view(40, tight, loose, prompt))));
        assertEquals("d1 d2", said(policy.compose(view(40, tight, loose))), "nothing else to do");
        StepPolicy thrifty = Requests.step("hfx", "margin=1", "min_chunk_share=0", "thrift=8");
        assertEquals("d1 d2 p3:15", said(thrifty.compose(view(40, tight, loose, prompt))));
    }

    @Test
    void aLostObjectiveHoldsNobodyUp() {
        StepPolicy policy = Requests.step("hfx", EXACT);
        // 3 tokens in 500 ms: 11 cannot be there in 200
        FakeSequence lost = decode(request(1, slo(0, 20, 0), 5, 11), 0, 3);
        FakeSequence prompt = prefill(request(2, slo(10_000, 0, 0), 130, 1), 0);
        assertEquals("d1 p2:130", said(policy.compose(view(500, lost, prompt))));
    }

    @Test
    void leftoverWorkHasItsShareOfTheTime() {
        StepPolicy policy = Requests.step("hfx", "leftover_share=0.12");
        FakeSequence prompt = prefill(request(1, slo(10_000, 0, 0), 88, 1), 0);
        FakeSequence leftover = prefill(request(2, Slo.BEST_EFFORT, 2_000, 1), 0);
        FakeSequence tight = decode(request(3, slo(0, 100, 0), 5, 5), 0, 1);
        // 90 ms of each 100 are planned with; 12 ms are owed then, and 20 are a turn
        assertEquals("d3 p1:88", said(policy.compose(view(0, tight, prompt, leftover))));
        assertEquals("d3 p1:88", said(policy.compose(view(0, tight, prompt, leftover))));
        assertEquals("d3 p2:80 p1:8", said(policy.compose(view(0, tight, prompt, leftover))));
        assertEquals("d3 p1:88", said(policy.compose(view(0, tight, prompt, leftover))));
    }

    @Test
    void theOutlookTellsWhatHasBegunAndHowLongTheNextStepMayTake() {
        StepPolicy policy = Requests.step("hfx", EXACT);
        assertEquals(Outlook.NONE, policy.outlook());
        FakeSequence running = decode(request(1, slo(0, 20, 0), 5, 11), 0, 1);
        FakeSequence prompt = prefill(request(2, slo(10_000, 0, 0), 50, 1), 10);
        assertEquals("d1 p2:16", said(policy.compose(view(0, running, prompt))));
        Outlook outlook = policy.outlook();
        assertEquals(List.of(new Outlook.Begun(2, 26, 24)), outlook.begun());
        // 20 ms were allowed, 18 are taken, and the token brings 20 more
        assertEquals(22 * MS, outlook.stepNanos());
        assertTrue(outlook.stepNanos() > 0);
    }
}
