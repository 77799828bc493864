package io.hfx.scheduler.policy.hfx;

import static io.hfx.scheduler.policy.baseline.FakeWorker.fleet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.baseline.FakeWorker;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Against a line that is sorted anew each time, on random workers. */
class PromiseLineTest {
    private static final long MS = FakeWorker.MS;
    private static final int SEEDS = 100;
    private static final int CHANGES = 150;

    /** Powers of two, so that sums of tokens a nanosecond are exact in any order. */
    private static final long[] TPOT_NANOS = {1 << 24, 1 << 26, Slo.NONE};

    private static final HfxSettings SETTINGS = HfxSettings.of(PolicyConfig.DEFAULTS);

    /** A worker, and all that is bound to it by its id. */
    private static final class Scene {
        final SplittableRandom random;
        final FakeWorker worker = new FakeWorker("w0");
        final Map<Long, Waiting> bound = new LinkedHashMap<>();
        final Admission admission = new Admission(SETTINGS, new KvDemand(0));
        final PromiseLine line = new PromiseLine();
        long lastId;

        Scene(long seed) {
            random = new SplittableRandom(seed);
        }

        Waiting request() {
            long ttft = random.nextInt(4) == 0 ? Slo.NONE : (1 + random.nextInt(40)) * 50L * MS;
            long e2e = random.nextInt(3) == 0 ? (1 + random.nextInt(40)) * 500L * MS : Slo.NONE;
            Slo slo = new Slo(ttft, TPOT_NANOS[random.nextInt(3)], e2e);
            OnMiss onMiss = random.nextInt(5) == 0 ? OnMiss.REJECT : OnMiss.DEMOTE;
            SloClass of = new SloClass("c", slo, onMiss, 1 + random.nextInt(2));
            List<Integer> prompts = new ArrayList<>();
            for (int i = random.nextInt(2); i >= 0; i--) {
                prompts.add(1 + random.nextInt(50));
            }
            int priority = 2 + random.nextInt(2);
            RequestSpec spec = new RequestSpec(++lastId, of, priority, prompts, 1, 10);
            return new Waiting(spec, 0, random.nextInt(8) == 0, false);
        }

        void change() {
            int what = random.nextInt(5);
            if (what <= 2 && bound.size() < 40) {
                bind(request());
            } else if (what == 3 && !bound.isEmpty()) {
                leave(pick(new ArrayList<>(bound.values())));
            } else {
                report();
            }
        }

        private Waiting pick(List<Waiting> of) {
            return of.get(random.nextInt(of.size()));
        }

        private void bind(Waiting request) {
            admission.bound(request, worker);
            line.bound(request);
            bound.put(request.request().id(), request);
            worker.unstarted.add(request);
        }

        private void leave(Waiting request) {
            admission.left(request, worker);
            line.remove(request.request().id());
            bound.remove(request.request().id());
            worker.unstarted.remove(request);
        }

        /** The first ones start, some have begun, and the worker learns. */
        private void report() {
            List<Outlook.Begun> begun = new ArrayList<>();
            for (int n = random.nextInt(3); n > 0 && !worker.unstarted.isEmpty(); n--) {
                Waiting first = worker.unstarted.remove(0);
                admission.started(first, worker);
                line.remove(first.request().id());
                begun.add(new Outlook.Begun(first.request().id(), 1, 1 + random.nextInt(9)));
            }
            worker.decodes = random.nextInt(3);
            worker.outlook = new Outlook(20 * MS, begun);
            worker.latency = FakeWorker.LATENCY.times(0.5 + random.nextDouble());
            line.reported();
            admission.reported(worker);
        }

        /** One that hears of all that is bound only now. */
        Admission anew() {
            Admission anew = new Admission(SETTINGS, new KvDemand(0));
            for (Waiting request : bound.values()) {
                anew.bound(request, worker);
                if (!worker.unstarted.contains(request)) {
                    anew.started(request, worker);
                }
            }
            return anew;
        }
    }

    @Test
    void itIsInTheOrderOfServiceWhateverChanged() {
        for (long seed = 1; seed <= SEEDS; seed++) {
            Scene scene = new Scene(seed);
            for (int i = 0; i < CHANGES; i++) {
                scene.change();
                scene.line.update(scene.worker, scene.bound);
                checkLine(scene, "seed " + seed + ", change " + i);
            }
        }
    }

    private record Served(long id, int priority, long dueNanos, double nanos) {}

    private static void checkLine(Scene scene, String where) {
        List<Served> promises = served(scene);
        PromiseLine line = scene.line;
        assertEquals(promises.size(), line.size(), where);
        double before = 0;
        for (int i = 0; i < promises.size(); i++) {
            Served promise = promises.get(i);
            assertEquals(promise.dueNanos, line.dueNanos(i), where);
            assertEquals(promise.nanos, line.nanos(i), where);
            assertEquals(i, line.placeOf(promise.id), where);
            assertEquals(before, line.nanosBefore(i, line.size()), where);
            assertEquals(before, line.nanosBefore(i + 1, i), where + ", without it");
            before += promise.nanos;
            int behind = line.place(promise.priority, promise.dueNanos);
            assertTrue(behind > i, where + ": one more is served behind its equals");
        }
    }

    private static List<Served> served(Scene scene) {
        FakeWorker worker = scene.worker;
        List<Served> promises = new ArrayList<>();
        for (Outlook.Begun begun : worker.outlook.begun()) {
            Waiting of = scene.bound.get(begun.requestId());
            if (of != null) {
                double left = worker.latency.prefillNanos(begun.computed(), begun.left());
                promises.add(served(of, worker, left - worker.latency.baseNanos()));
            }
        }
        for (Waiting of : worker.unstarted) {
            if (!of.leftover()) {
                double nanos = Admission.prefillNanos(worker.latency, of.request());
                promises.add(served(of, worker, nanos));
            }
        }
        promises.sort(
                Comparator.comparingInt(Served::priority).thenComparingLong(Served::dueNanos));
        return promises;
    }

    private static Served served(Waiting of, FakeWorker worker, double nanos) {
        RequestSpec spec = of.request();
        long due = Admission.dueNanos(of, worker);
        return new Served(spec.id(), spec.priority(), due, due == Slo.NONE ? 0 : nanos);
    }

    @Test
    void whatIsKeptAdmitsAsWhatIsMadeAnew() {
        int admitted = 0;
        int displaced = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            Scene scene = new Scene(seed);
            for (int i = 0; i < CHANGES; i++) {
                scene.change();
                String where = "seed " + seed + ", change " + i;
                Waiting request = scene.request();
                long due = Admission.dueNanos(request, scene.worker);
                Admission anew = scene.anew();
                FleetView fleet = fleet(0, scene.worker);
                double first = anew.firstTokenNanos(request, due, scene.worker, fleet);
                Waiting other = anew.displacedBy(request, due, scene.worker, fleet);
                Admission kept = scene.admission;
                assertEquals(first, kept.firstTokenNanos(request, due, scene.worker, fleet), where);
                assertEquals(other, kept.displacedBy(request, due, scene.worker, fleet), where);
                admitted += first == Admission.NEVER ? 0 : 1;
                displaced += other == null ? 0 : 1;
            }
        }
        assertTrue(admitted > SEEDS && displaced > SEEDS, admitted + ", " + displaced);
    }
}
