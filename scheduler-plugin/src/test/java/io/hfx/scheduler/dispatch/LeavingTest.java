package io.hfx.scheduler.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Workers that leave while they serve. */
class LeavingTest {
    private static final long GRACE_NANOS = 1_000;
    private static final LatencyModel LATENCY = new LatencyModel(0, 0, 1_000_000, 0, 0, 0, 0);
    private static final WorkerId W0 = new WorkerId("w0");
    private static final WorkerId W1 = new WorkerId("w1");

    private final Dispatcher dispatcher =
            new Dispatcher(
                    Policies.named("fcfs", LeavingTest.class.getClassLoader())
                            .fleet(PolicyConfig.DEFAULTS),
                    DispatcherLimits.DEFAULTS);
    private List<FleetCommand> last = List.of();
    private long nowNanos;

    private void tell(FleetEvent event) {
        last = dispatcher.on(event);
    }

    private void join(WorkerId id, int mostTokens) {
        KvBudget kv = new KvBudget.Slots(4, mostTokens);
        tell(
                new FleetEvent.WorkerJoined(
                        nowNanos,
                        new WorkerSpec(id, WorkerSpec.Kind.TOKEN_LEVEL, kv, 4, true, LATENCY)));
    }

    private void arrive(long id) {
        RequestSpec request = new RequestSpec(id, SloClass.BEST_EFFORT, 3, List.of(100), 1, 10);
        tell(new FleetEvent.Arrived(nowNanos, request, 0));
    }

    private void drain(WorkerId id) {
        tell(new FleetEvent.WorkerDraining(nowNanos, id, GRACE_NANOS));
    }

    private void graceIsOver() {
        nowNanos += GRACE_NANOS;
        tell(new FleetEvent.Woken(nowNanos));
    }

    private void report(
            WorkerId id,
            long acknowledged,
            List<Long> started,
            List<Long> ended,
            List<Progress> handedBack) {
        tell(
                new FleetEvent.Reported(
                        nowNanos,
                        new StepReport(
                                id,
                                acknowledged,
                                started,
                                ended,
                                handedBack,
                                List.of(),
                                List.of(),
                                List.of(),
                                new StepReport.Load(0, 0, 0, 0, 4, 0),
                                LATENCY)));
    }

    /** For example {@code w0:Bind 7}; {@code retire w0}. */
    private List<String> said() {
        List<String> said = new ArrayList<>();
        for (FleetCommand command : last) {
            if (command instanceof FleetCommand.Send send) {
                WorkerOrder order = send.order();
                said.add(
                        send.worker()
                                + ":"
                                + order.getClass().getSimpleName()
                                + " "
                                + order.requestId());
            } else if (command instanceof FleetCommand.Retire retire) {
                said.add("retire " + retire.worker());
            } else if (command instanceof FleetCommand.Refuse refuse) {
                said.add("refuse " + refuse.requestId() + " " + refuse.reason());
            }
        }
        return said;
    }

    @Test
    void anIdleWorkerRetiresAtOnce() {
        join(W0, 1_000);
        drain(W0);
        assertEquals(List.of("retire w0"), said());
        arrive(1);
        assertEquals(List.of(), said(), "it gets nothing more");
        join(W1, 1_000);
        assertEquals(List.of("w1:Bind 1"), said());
    }

    @Test
    void unstartedWorkIsRecalledAndRunningWorkAfterItsTime() {
        join(W0, 1_000);
        arrive(1);
        report(W0, 1, List.of(1L), List.of(), List.of());
        arrive(2);
        join(W1, 1_000);
        drain(W0);
        assertEquals(List.of("w0:Recall 2"), said());
        assertTrue(last.contains(new FleetCommand.Wake(GRACE_NANOS)), "its time ends: " + last);
        report(W0, 3, List.of(), List.of(), List.of(new Progress(2, List.of(0))));
        assertEquals(List.of("w1:Bind 2"), said());
        graceIsOver();
        assertEquals(List.of("w0:HandBack 1"), said());
        report(W0, 4, List.of(), List.of(), List.of(new Progress(1, List.of(6))));
        assertEquals(List.of("retire w0", "w1:Bind 1"), said());
        WorkerOrder.Bind bind = (WorkerOrder.Bind) ((FleetCommand.Send) last.get(1)).order();
        assertEquals(List.of(6), bind.generated());
    }

    @Test
    void whatNobodyElseCanTakeEndsWhereItIs() {
        join(W0, 1_000);
        arrive(1);
        report(W0, 1, List.of(1L), List.of(), List.of());
        arrive(2);
        drain(W0);
        assertEquals(List.of(), said());
        join(W1, 50);
        assertEquals(List.of(), said(), "too small for either");
        graceIsOver();
        assertEquals(List.of(), said());
        report(W0, 2, List.of(2L), List.of(1L), List.of());
        report(W0, 2, List.of(), List.of(2L), List.of());
        assertEquals(List.of("retire w0"), said());
    }

    @Test
    void aWorkerThatComesLateTakesOver() {
        join(W0, 1_000);
        arrive(1);
        report(W0, 1, List.of(1L), List.of(), List.of());
        drain(W0);
        graceIsOver();
        assertEquals(List.of(), said());
        join(W1, 1_000);
        assertEquals(List.of("w0:HandBack 1"), said());
        arrive(2);
        assertEquals(List.of("w1:Bind 2"), said(), "said once, and nothing new goes there");
    }

    @Test
    void aLeavingWorkerThatIsLostIsGone() {
        join(W0, 1_000);
        arrive(1);
        report(W0, 1, List.of(1L), List.of(), List.of());
        drain(W0);
        join(W1, 1_000);
        tell(new FleetEvent.WorkerLost(nowNanos, W0, List.of(new Progress(1, List.of(3)))));
        assertEquals(List.of("w1:Bind 1"), said());
    }

    @Test
    void withoutStaffWhatWaitsIsRefused() {
        arrive(1);
        assertEquals(List.of(), said());
        tell(new FleetEvent.Staffed(nowNanos, false));
        assertEquals(List.of("refuse 1 " + RefusalReason.NO_WORKER), said());
        arrive(2);
        assertEquals(List.of("refuse 2 " + RefusalReason.NO_WORKER), said());
        tell(new FleetEvent.Staffed(nowNanos, true));
        arrive(3);
        assertEquals(List.of(), said());
        assertEquals(1, dispatcher.waiting());
    }
}
