package io.hfx.scheduler.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Gauges;
import io.hfx.scheduler.policy.Gauges.Cost;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WorkerIndexTest {
    private static final int PENDING = 0;
    private static final int MINUS_FREE = 1;
    private static final int STEP_END = 2;

    private static final Gauges GAUGES = new TestGauges();

    private static final class TestGauges implements Gauges {
        @Override
        public int count() {
            return 3;
        }

        @Override
        public void read(WorkerView worker, double[] into, int at) {
            into[at + PENDING] = worker.pendingPrefillTokens();
            into[at + MINUS_FREE] = -worker.freeKvUnits();
            into[at + STEP_END] = worker.stepEndNanos();
        }
    }

    private final DispatcherView view = new DispatcherView(line -> 0);
    private final List<Worker> workers = new ArrayList<>();
    private final List<Tracked> unstarted = new ArrayList<>();
    private long lastId;

    /** Looks at all workers, as every view does that has no index. */
    private FleetView scan() {
        return new FleetView() {
            @Override
            public long nowNanos() {
                return view.nowNanos();
            }

            @Override
            public List<WorkerView> workers() {
                return view.workers();
            }

            @Override
            public int waiting() {
                return 0;
            }

            @Override
            public int waiting(int lane) {
                return 0;
            }

            @Override
            public @Nullable Waiting first(int lane) {
                return null;
            }

            @Override
            public Iterable<Waiting> requests(int lane) {
                return List.of();
            }
        };
    }

    private void join(int freeUnits) {
        WorkerId id = new WorkerId("w" + ++lastId);
        view.fleet()
                .join(
                        new WorkerSpec(
                                id,
                                WorkerSpec.Kind.TOKEN_LEVEL,
                                new KvBudget.Slots(freeUnits, 1_000),
                                4,
                                true,
                                new LatencyModel(1, 1, 1, 0, 0, 0, 0)));
        workers.add(Objects.requireNonNull(view.fleet().get(id)));
    }

    private void report(Worker worker, long pendingTokens, long freeUnits, long restNanos) {
        StepReport.Load load = new StepReport.Load(0, 0, 0, pendingTokens, freeUnits, restNanos);
        List<Long> none = List.of();
        worker.take(
                new StepReport(
                        worker.spec().id(),
                        0,
                        none,
                        none,
                        List.of(),
                        List.of(),
                        none,
                        List.of(),
                        load,
                        worker.spec().latency()),
                view.nowNanos());
    }

    private void change(SplittableRandom random) {
        int what = random.nextInt(10);
        if (workers.isEmpty() || (what == 0 && workers.size() < 40)) {
            join(1 + random.nextInt(8));
            return;
        }
        Worker worker = workers.get(random.nextInt(workers.size()));
        if (what == 1) {
            workers.remove(worker);
            view.fleet().lose(worker.spec().id());
        } else if (what == 2) {
            workers.remove(worker);
            view.fleet().drain(worker, 1);
        } else if (what <= 5) {
            RequestSpec request =
                    new RequestSpec(++lastId, SloClass.BEST_EFFORT, 3, List.of(7), 1, 1);
            Tracked tracked = new Tracked(request, 0);
            tracked.worker = worker;
            worker.bind(tracked, worker.nextOrder());
            unstarted.add(tracked);
        } else if (what == 6 && !unstarted.isEmpty()) {
            Tracked tracked = unstarted.remove(random.nextInt(unstarted.size()));
            Objects.requireNonNull(tracked.worker).started(tracked);
        } else {
            report(worker, random.nextInt(4), random.nextInt(8), random.nextInt(50));
        }
    }

    @Test
    void itFindsWhatALookAtAllWorkersFinds() {
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < 400; i++) {
                view.setNowNanos(view.nowNanos() + random.nextInt(20));
                change(random);
                double pendingWeight = random.nextInt(3);
                int units = random.nextInt(8);
                long nowNanos = view.nowNanos();
                Cost cost =
                        (g, at) ->
                                -g[at + MINUS_FREE] < units
                                        ? Cost.NEVER
                                        : pendingWeight * g[at + PENDING]
                                                + Math.max(0, g[at + STEP_END] - nowNanos);
                int odd = random.nextInt(3);
                Predicate<WorkerView> passes =
                        w -> odd == 0 || w.spec().id().name().length() % 2 == odd % 2;
                String where = "seed " + seed + ", change " + i;
                FleetView scan = scan();
                assertEquals(
                        scan.least(GAUGES, cost, passes), view.least(GAUGES, cost, passes), where);
                assertEquals(scan.least(GAUGES, cost), view.least(GAUGES, cost), where);
                assertEquals(scan.those(GAUGES, cost), view.those(GAUGES, cost), where);
            }
        }
    }

    @Test
    void itLooksAtFewOfMany() {
        for (int i = 0; i < 1_000; i++) {
            join(4);
            report(workers.get(i), 1_000 + (i * 7_919L) % 1_000, i % 4, 0);
        }
        int[] looks = {0};
        Cost cost =
                (g, at) -> {
                    looks[0]++;
                    return -g[at + MINUS_FREE] < 1 ? Cost.NEVER : g[at + PENDING];
                };
        WorkerView found = view.least(GAUGES, cost);
        assertEquals(scan().least(GAUGES, cost), found);
        looks[0] = 0;
        view.least(GAUGES, cost);
        assertTrue(looks[0] <= 150, "costs asked for: " + looks[0]);
        looks[0] = 0;
        Cost tooMuch =
                (g, at) -> {
                    looks[0]++;
                    return -g[at + MINUS_FREE] < 4 ? Cost.NEVER : g[at + PENDING];
                };
        assertNull(view.least(GAUGES, tooMuch));
        assertEquals(1, looks[0], "where nobody will do, the root says so");
    }

    @Test
    void gaugesMadeAnewAtEachCallAreAMistake() {
        join(1);
        for (int i = 0; i < 8; i++) {
            view.least(new TestGauges(), (g, at) -> 0);
        }
        assertThrows(IllegalStateException.class, () -> view.least(new TestGauges(), (g, at) -> 0));
    }
}
