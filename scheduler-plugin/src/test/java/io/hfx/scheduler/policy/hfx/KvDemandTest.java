package io.hfx.scheduler.policy.hfx;

import static io.hfx.scheduler.policy.baseline.FakeWorker.MS;
import static io.hfx.scheduler.policy.baseline.Requests.slo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.baseline.FakeWorker;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** Virtual time; a worker has 1,000 units of KV, and a request needs one for each of its tokens. */
class KvDemandTest {
    private static final Slo SLO = slo(1_000, 0, 0);
    private static final FakeWorker WORKER = new FakeWorker("w0");

    /** So much work that KV is not what is scarce. */
    private static final double MUCH = 1_000 * MS;

    private long lastId;

    private Waiting of(String name, double weight) {
        return of(name, weight, 2);
    }

    private Waiting of(String name, double weight, int units) {
        SloClass sloClass = new SloClass(name, SLO, OnMiss.DEMOTE, weight);
        List<Integer> prompt = List.of(units - 1);
        return new Waiting(new RequestSpec(++lastId, sloClass, 3, prompt, 1, 1), 0, false, false);
    }

    private static Waiting demoted(Waiting w) {
        return new Waiting(w.request(), w.arrivalNanos(), true, false);
    }

    /** A class of a fixed rate whose requests hold KV for a fixed time. */
    private final class Flow {
        private final String name;
        private final double weight;
        private final int everyMillis;
        private final int holdMillis;
        private final double workNanos;
        private final Queue<Waiting> held = new ArrayDeque<>();

        Flow(String name, double weight, int everyMillis, int holdMillis, double workNanos) {
            this.name = name;
            this.weight = weight;
            this.everyMillis = everyMillis;
            this.holdMillis = holdMillis;
            this.workNanos = workNanos;
        }

        void at(int millis, KvDemand kv) {
            if (millis % everyMillis == holdMillis % everyMillis && millis >= holdMillis) {
                kv.left(held.remove());
            }
            if (millis % everyMillis == 0) {
                Waiting next = of(name, weight);
                kv.wants(next, WORKER, workNanos);
                kv.bound(next);
                held.add(next);
            }
        }
    }

    /** For so long. */
    private static KvDemand after(int seconds, double factor, Flow... flows) {
        KvDemand kv = new KvDemand(factor);
        for (int millis = 0; millis < 1_000 * seconds; millis += 10) {
            kv.at(millis * MS);
            for (Flow flow : flows) {
                flow.at(millis, kv);
            }
        }
        return kv;
    }

    private final Flow brief = new Flow("brief", 1, 100, 900, MUCH);
    private final Flow lengthy = new Flow("lengthy", 1, 500, 5_000, MUCH);

    @Test
    void whoHoldsMoreLeavesRoomForTheSpreadOfThoseWhoHoldLess() {
        KvDemand kv = after(120, 2, brief, lengthy);
        // 10 a second for 0.9 s are 9 at once, each with 2 units: the variance is 9 * 4
        double kept = kv.kept(of("lengthy", 1), 1);
        assertEquals(2 * Math.sqrt(9 * 4), kept, 0.02 * kept);
        // and 2 a second for 5 s are 10: all hold 38 of a worker's 1,000 units at once
        assertEquals(0.038, kv.workers(), 0.002);
        assertEquals(0, kv.kept(of("brief", 1), 1), "nobody needs less");
        assertEquals(0, kv.kept(of("other", 1), 1), "nothing is known of it");
    }

    @Test
    void soonTheRateOfTheNewestCounts() {
        double kept = after(8, 2, brief, lengthy).kept(of("lengthy", 1), 1);
        assertEquals(12, kept, 0.1 * kept, "8 s are known of 30 that count");
    }

    @Test
    void whereOnlyKvIsScarceOthersMustNeedMuchLess() {
        Flow tiny = new Flow("tiny", 1, 100, 500, 0);
        Flow alike = new Flow("alike", 1, 500, 4_000, 0);
        Flow lean = new Flow("lengthy", 1, 500, 5_000, 0);
        KvDemand kv = after(120, 2, tiny, alike, lean);
        // one needs a tenth of it: 1 - 4 / 10 of 2 deviations, for 5 at once; the other 4 fifths
        double kept = kv.kept(of("lengthy", 1), 1);
        assertEquals(0.6 * 2 * Math.sqrt(5 * 4), kept, 0.02 * kept);
        assertEquals(0.5 * 2 * Math.sqrt(5 * 4), kv.kept(of("alike", 1), 1), 0.02 * kept);
    }

    @Test
    void whoWantsItAgainCountsOnce() {
        KvDemand kv = after(120, 2, brief, lengthy);
        Waiting waiting = of("brief", 1);
        kv.wants(waiting, WORKER, MUCH);
        double once = kv.kept(of("lengthy", 1), 1);
        for (int i = 0; i < 100; i++) {
            kv.wants(waiting, WORKER, MUCH);
        }
        assertEquals(once, kv.kept(of("lengthy", 1), 1));
        kv.gone(waiting);
        kv.wants(waiting, WORKER, MUCH);
        assertTrue(kv.kept(of("lengthy", 1), 1) > once);
    }

    @Test
    void severalWorkersShareIt() {
        KvDemand kv = after(120, 2, brief, lengthy);
        double kept = kv.kept(of("lengthy", 1), 4);
        assertEquals(2 * Math.sqrt(9 * 4 / 4.0), kept, 0.02 * kept);
    }

    @Test
    void whoseWeightIsGreatLeavesLess() {
        Flow heavy = new Flow("heavy", 20, 500, 5_000, MUCH);
        KvDemand kv = after(60, 2, brief, heavy);
        assertEquals(0, kv.kept(of("heavy", 20), 1));
        assertTrue(kv.kept(of("brief", 1), 1) > 0, "now that one is more, for its weight");
    }

    @Test
    void leftoverLeavesRoomForAll() {
        KvDemand kv = after(120, 2, brief, lengthy);
        Waiting leftover = demoted(of("brief", 1));
        assertEquals(0, kv.kept(leftover, 1), "one is always let in");
        kv.bound(leftover);
        double kept = kv.kept(demoted(of("lengthy", 1)), 1);
        assertEquals(2 * Math.sqrt((9 + 10) * 4), kept, 0.02 * kept);
        assertEquals(0, kv.kept(demoted(of("lengthy", 1)), 2), "one a worker");
        kv.left(leftover);
        assertEquals(0, kv.kept(demoted(of("lengthy", 1)), 1));
    }

    @Test
    void oneOfEachClassIsLetIn() {
        KvDemand kv = after(60, 2, brief, lengthy);
        lengthy.held.forEach(kv::left);
        assertEquals(0, kv.kept(of("lengthy", 1), 1));
    }

    @Test
    void whoIsDisplacedSaysNothingOfItsClass() {
        KvDemand kv = after(120, 2, brief, lengthy);
        double before = kv.kept(of("lengthy", 1), 1);
        for (int i = 0; i < 100; i++) {
            Waiting displaced = of("brief", 1);
            kv.bound(displaced);
            kv.displaced(displaced);
            kv.left(displaced);
        }
        assertEquals(before, kv.kept(of("lengthy", 1), 1));
    }

    @Test
    void nothingIsKeptWhereNobodyWantsIt() {
        KvDemand kv = after(60, 0, brief, lengthy);
        assertEquals(0, kv.kept(of("lengthy", 1), 1));
    }
}
