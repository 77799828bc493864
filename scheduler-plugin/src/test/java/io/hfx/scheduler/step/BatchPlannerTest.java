package io.hfx.scheduler.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.whole.HfxWhole;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BatchPlannerTest {
    private static final LatencyModel START = new LatencyModel(1_000, 500, 0, 0, 0, 0, 0);
    private static final int MOST = 3;

    private final BatchPlanner planner = new BatchPlanner(spec(WorkerSpec.Kind.WHOLE));
    private long orders;

    private static WorkerSpec spec(WorkerSpec.Kind kind) {
        KvBudget kv = new KvBudget.Slots(MOST, 2);
        return new WorkerSpec(new WorkerId("w"), kind, kv, MOST, false, START);
    }

    private static @Nullable StepReport ordered(BatchPlanner planner, List<WorkerOrder> orders) {
        return planner.ordered(orders) ? planner.report() : null;
    }

    private static StepReport done(BatchPlanner planner, long busyNanos) {
        planner.done(busyNanos);
        return planner.report();
    }

    private WorkerOrder bind(long id) {
        RequestSpec request = new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(1), 1, 1);
        return new WorkerOrder.Bind(++orders, request, 0, false, List.of());
    }

    @Test
    void whatIsBoundAtOnceRunsTogetherUpToTheMost() {
        StepReport report = ordered(planner, List.of(bind(7), bind(5), bind(6), bind(8)));
        assertEquals(List.of(7L, 5L, 6L), planner.running());
        assertEquals(List.of(7L, 5L, 6L), report.started());
        assertEquals(4, report.acknowledged());
        StepReport second = done(planner, 1_000);
        assertEquals(List.of(7L, 5L, 6L), second.ended());
        assertEquals(List.of(8L), planner.running());
        assertEquals(List.of(), done(planner, 1_000).started());
        assertEquals(List.of(), planner.running());
    }

    @Test
    void ordersDuringABatchAreReportedAtItsEnd() {
        ordered(planner, List.of(bind(1)));
        assertNull(ordered(planner, List.of(bind(2), bind(3), bind(4))));
        assertNull(
                ordered(
                        planner,
                        List.of(
                                new WorkerOrder.Cancel(++orders, 2),
                                new WorkerOrder.Recall(++orders, 3),
                                new WorkerOrder.Recall(++orders, 1))));
        StepReport report = done(planner, 0);
        assertEquals(List.of(2L, 1L), report.ended());
        assertEquals(List.of(new Progress(3, List.of(0))), report.handedBack());
        assertEquals(List.of(4L), report.started());
    }

    @Test
    void aReportHoldsAllSinceTheLast() {
        planner.ordered(List.of(bind(1)));
        planner.ordered(List.of(bind(2)));
        planner.done(0);
        StepReport report = planner.report();
        assertEquals(List.of(1L, 2L), report.started());
        assertEquals(List.of(1L), report.ended());
        assertEquals(2, report.acknowledged());
        assertEquals(List.of(), planner.report().started());
    }

    @Test
    void anOrderThatCameBeforeIsNotCarriedOutTwice() {
        WorkerOrder order = bind(1);
        ordered(planner, List.of(order));
        done(planner, 0);
        assertNull(ordered(planner, List.of(order)));
        assertEquals(List.of(), planner.running());
    }

    @Test
    void refusesWhatDoesNotFit() {
        bind(1);
        assertThrows(IllegalStateException.class, () -> ordered(planner, List.of(bind(2))));
        assertThrows(IllegalStateException.class, () -> done(planner, 0));
        assertThrows(
                IllegalStateException.class,
                () -> ordered(planner, List.of(new WorkerOrder.Pause(1, 1))));
        assertThrows(
                IllegalArgumentException.class,
                () -> new BatchPlanner(spec(WorkerSpec.Kind.TOKEN_LEVEL)));
    }

    @Test
    void reportsWhatAStepPlannerReportsThatRunsAllItCan() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int run = 0; run < 50; run++) {
            new SideBySide(random).run(200);
        }
    }

    /** The same random life of a worker, once planned by each. */
    private final class SideBySide {
        private final BatchPlanner batches = new BatchPlanner(spec(WorkerSpec.Kind.WHOLE));
        private final StepPlanner steps =
                new StepPlanner(
                        spec(WorkerSpec.Kind.WHOLE), new HfxWhole().step(PolicyConfig.DEFAULTS));
        private final Random random;
        private final List<Long> bound = new ArrayList<>();
        private long nowNanos;
        private long lastRequest;

        SideBySide(Random random) {
            this.random = random;
            orders = 0;
        }

        void run(int events) {
            for (int i = 0; i < events; i++) {
                nowNanos += random.nextInt(1_000);
                if (!batches.running().isEmpty() && random.nextBoolean()) {
                    long busyNanos = random.nextInt(4) == 0 ? 0 : 500 + random.nextInt(5_000);
                    assertEquals(
                            reported(new WorkerEvent.StepDone(nowNanos, List.of(), busyNanos)),
                            sorted(done(batches, busyNanos)));
                } else {
                    List<WorkerOrder> some = orders();
                    assertEquals(
                            reported(new WorkerEvent.Ordered(nowNanos, some)),
                            sorted(ordered(batches, some)));
                }
                assertEquals(steps.isRunning(), !batches.running().isEmpty());
            }
        }

        private List<WorkerOrder> orders() {
            List<WorkerOrder> some = new ArrayList<>();
            for (int n = random.nextInt(4); n >= 0; n--) {
                some.add(order());
            }
            return some;
        }

        private WorkerOrder order() {
            if (bound.isEmpty() || random.nextInt(3) > 0) {
                bound.add(++lastRequest);
                return bind(lastRequest);
            }
            long id = bound.get(random.nextInt(bound.size()));
            return random.nextBoolean()
                    ? new WorkerOrder.Cancel(++orders, id)
                    : new WorkerOrder.Recall(++orders, id);
        }

        private @Nullable StepReport reported(WorkerEvent event) {
            for (WorkerCommand command : steps.on(event)) {
                if (command instanceof WorkerCommand.Report report) {
                    return sorted(report.report());
                }
            }
            return null;
        }

        /** In what order a report names them means nothing. */
        private static @Nullable StepReport sorted(@Nullable StepReport r) {
            return r == null
                    ? null
                    : new StepReport(
                            r.worker(),
                            r.acknowledged(),
                            r.started().stream().sorted().toList(),
                            r.ended().stream().sorted().toList(),
                            r.handedBack(),
                            r.paused(),
                            r.goingOn(),
                            r.progress(),
                            r.load(),
                            r.latency());
        }
    }
}
