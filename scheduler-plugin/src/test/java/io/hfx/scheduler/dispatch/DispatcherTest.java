package io.hfx.scheduler.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private static final long MS = 1_000_000;

    /** 1 ms a prefill token, nothing else. */
    private static final LatencyModel LATENCY = new LatencyModel(0, 0, MS, 0, 0, 0, 0);

    private static final WorkerId W0 = new WorkerId("w0");
    private static final WorkerId W1 = new WorkerId("w1");
    private static final StepReport.Load IDLE = new StepReport.Load(0, 0, 0, 0, 4, 0);

    private final List<FleetCommand> last = new ArrayList<>();
    private Dispatcher dispatcher = dispatcher("fcfs", DispatcherLimits.DEFAULTS);
    private long nowNanos;

    private static Dispatcher dispatcher(String policy, DispatcherLimits limits) {
        FleetPolicy fleet =
                Policies.named(policy, DispatcherTest.class.getClassLoader())
                        .fleet(PolicyConfig.DEFAULTS);
        return new Dispatcher(fleet, limits);
    }

    private static SloClass withTtft(long millis, OnMiss onMiss) {
        return new SloClass("tight", new Slo(millis * MS, Slo.NONE, Slo.NONE), onMiss, 1);
    }

    private void tell(FleetEvent event) {
        last.clear();
        last.addAll(dispatcher.on(event));
    }

    private void join(WorkerId id) {
        WorkerSpec.Kind kind = WorkerSpec.Kind.TOKEN_LEVEL;
        KvBudget kv = new KvBudget.Slots(4, 5_000);
        tell(new FleetEvent.WorkerJoined(nowNanos, new WorkerSpec(id, kind, kv, 4, true, LATENCY)));
    }

    private void arrive(long id, SloClass sloClass, int promptTokens) {
        RequestSpec request = new RequestSpec(id, sloClass, 3, List.of(promptTokens), 1, 10);
        tell(new FleetEvent.Arrived(nowNanos, request, 0));
    }

    private void arrive(long id, int promptTokens) {
        arrive(id, SloClass.BEST_EFFORT, promptTokens);
    }

    private void report(
            WorkerId id,
            long acknowledged,
            List<Long> started,
            List<Long> ended,
            List<Progress> handedBack) {
        StepReport report =
                new StepReport(
                        id,
                        acknowledged,
                        started,
                        ended,
                        handedBack,
                        List.of(),
                        List.of(),
                        List.of(),
                        IDLE,
                        LATENCY);
        tell(new FleetEvent.Reported(nowNanos, report));
    }

    private void started(WorkerId id, long acknowledged, Long... requests) {
        report(id, acknowledged, List.of(requests), List.of(), List.of());
    }

    /** For example {@code w0:bind 7}. */
    private List<String> sent() {
        List<String> sent = new ArrayList<>();
        for (FleetCommand command : last) {
            if (command instanceof FleetCommand.Send send) {
                String what = send.order().getClass().getSimpleName().toLowerCase(Locale.ROOT);
                sent.add(send.worker() + ":" + what + " " + send.order().requestId());
            }
        }
        return sent;
    }

    private List<FleetCommand.Refuse> refused() {
        return last.stream()
                .filter(FleetCommand.Refuse.class::isInstance)
                .map(FleetCommand.Refuse.class::cast)
                .toList();
    }

    @Test
    void requestsWaitUntilAWorkerJoins() {
        arrive(1, 10);
        assertEquals(List.of(), sent());
        assertEquals(1, dispatcher.waiting());
        join(W0);
        assertEquals(List.of("w0:bind 1"), sent());
        assertEquals(0, dispatcher.waiting());
        assertEquals(1, dispatcher.bound());
    }

    @Test
    void aWorkerTakesNoMoreThanItsWindowOfUnstartedWork() {
        join(W0);
        arrive(1, 3_000);
        assertEquals(List.of("w0:bind 1"), sent());
        arrive(2, 10);
        assertEquals(List.of(), sent(), "the window of 2048 tokens is full");
        started(W0, 1, 1L);
        assertEquals(List.of("w0:bind 2"), sent());
    }

    @Test
    void workGoesToTheWorkerWithLeastOfIt() {
        join(W0);
        join(W1);
        arrive(1, 100);
        arrive(2, 50);
        assertEquals(List.of("w1:bind 2"), sent());
        arrive(3, 10);
        assertEquals(List.of("w1:bind 3"), sent());
        arrive(4, 10);
        assertEquals(List.of("w1:bind 4"), sent());
    }

    @Test
    void aClosedLaneLeavesTheOthersOpen() {
        dispatcher =
                new Dispatcher(
                        new FleetPolicy() {
                            @Override
                            public Rank rank(Waiting request, FleetView fleet) {
                                int lane = (int) request.request().id() / 10;
                                return new Rank(lane, 3, request.request().id());
                            }

                            @Override
                            public Route route(Waiting request, FleetView fleet) {
                                return switch ((int) request.request().id()) {
                                    case 1 -> new Route.CloseLane();
                                    case 10 -> new Route.Close();
                                    default -> new Route.Bind(W0);
                                };
                            }
                        },
                        DispatcherLimits.DEFAULTS);
        for (int id : new int[] {1, 2, 10, 11, 20}) {
            arrive(id, 5);
        }
        join(W0);
        assertEquals(List.of(), sent(), "2 is behind 1; 11 and 20 are behind 10, which closes all");
        tell(new FleetEvent.Cancelled(nowNanos, 10));
        assertEquals(List.of("w0:bind 11", "w0:bind 20"), sent());
        tell(new FleetEvent.Cancelled(nowNanos, 1));
        assertEquals(List.of("w0:bind 2"), sent());
    }

    @Test
    void aClosedLineLeavesTheOthersOpen() {
        dispatcher =
                new Dispatcher(
                        new FleetPolicy() {
                            @Override
                            public Rank rank(Waiting request, FleetView fleet) {
                                return new Rank(0, 3, request.request().id());
                            }

                            @Override
                            public String line(Waiting request) {
                                return request.request().id() % 2 == 0 ? "even" : "odd";
                            }

                            @Override
                            public Route route(Waiting request, FleetView fleet) {
                                return request.request().id() == 2
                                        ? new Route.CloseLine(Reason.KV_KEPT)
                                        : new Route.Bind(W0);
                            }
                        },
                        DispatcherLimits.DEFAULTS);
        for (int id = 1; id <= 5; id++) {
            arrive(id, 5);
        }
        join(W0);
        assertEquals(List.of("w0:bind 1", "w0:bind 3", "w0:bind 5"), sent());
        tell(new FleetEvent.Cancelled(nowNanos, 2));
        assertEquals(List.of("w0:bind 4"), sent());
    }

    @Test
    void whoIsDisplacedStaysWhereItIsWithoutItsPlace() {
        List<String> heard = new ArrayList<>();
        dispatcher =
                new Dispatcher(
                        new FleetPolicy() {
                            @Override
                            public Rank rank(Waiting request, FleetView fleet) {
                                return new Rank(request.demoted() ? 1 : 0, 3, 0);
                            }

                            @Override
                            public Route route(Waiting request, FleetView fleet) {
                                boolean first = request.request().id() == 1;
                                return first
                                        ? new Route.Bind(W0)
                                        : new Route.Bind(
                                                W0, Reason.DISPLACES, Forecast.NONE, List.of(1L));
                            }

                            @Override
                            public void bound(Waiting w, WorkerView worker) {
                                heard.add("bound " + w.request().id() + " " + w.demoted());
                            }

                            @Override
                            public void left(Waiting w, WorkerView worker) {
                                heard.add("left " + w.request().id() + " " + w.demoted());
                            }
                        },
                        DispatcherLimits.DEFAULTS);
        join(W0);
        arrive(1, 5);
        arrive(2, 5);
        assertEquals(List.of("w0:demote 1", "w0:bind 2"), sent());
        assertEquals(
                List.of("bound 1 false", "left 1 false", "bound 1 true", "bound 2 false"), heard);
        assertEquals(2, dispatcher.bound());
        assertThrows(IllegalStateException.class, () -> arrive(3, 5), "it lost its place before");
    }

    @Test
    void kvIsNotPromisedTwice() {
        join(W0);
        for (int id = 1; id <= 5; id++) {
            arrive(id, 10);
        }
        assertEquals(1, dispatcher.waiting(), "four slots, four bound");
        report(W0, 4, List.of(1L, 2L, 3L, 4L), List.of(1L), List.of());
        assertEquals(List.of("w0:bind 5"), sent());
    }

    @Test
    void aFullQueueRefuses() {
        dispatcher = dispatcher("fcfs", new DispatcherLimits(2, 2));
        arrive(1, 10);
        arrive(2, 10);
        arrive(3, 10);
        assertEquals(List.of(new FleetCommand.Refuse(3, RefusalReason.QUEUE_FULL, 0)), refused());
    }

    @Test
    void aRequestThatFitsNowhereIsRefused() {
        join(W0);
        arrive(1, 4_991);
        assertEquals(RefusalReason.TOO_LONG, refused().get(0).reason());
        arrive(2, 4_990);
        assertEquals(List.of("w0:bind 2"), sent());
    }

    @Test
    void anEndToEndDeadlineThatPassesInTheQueueEndsTheWait() {
        SloClass c = new SloClass("c", new Slo(Slo.NONE, Slo.NONE, 50 * MS), OnMiss.DEMOTE, 1);
        arrive(1, c, 10);
        assertEquals(new FleetCommand.Wake(50 * MS), last.get(0));
        nowNanos = 50 * MS;
        tell(new FleetEvent.Woken(nowNanos));
        assertEquals(RefusalReason.DEADLINE_PASSED, refused().get(0).reason());
    }

    @Test
    void aCallThatComesBeforeItsTimeAsksForNoOther() {
        SloClass c = new SloClass("c", new Slo(Slo.NONE, Slo.NONE, 50 * MS), OnMiss.DEMOTE, 1);
        arrive(1, c, 10);
        nowNanos = 20 * MS;
        tell(new FleetEvent.Woken(nowNanos));
        assertEquals(List.of(), last, "the call at 50 ms is still to come");
        nowNanos = 50 * MS;
        tell(new FleetEvent.Woken(nowNanos));
        assertEquals(RefusalReason.DEADLINE_PASSED, refused().get(0).reason());
        assertEquals(1, last.size(), "nothing is left to wake for");
    }

    @Test
    void aClientThatLeavesIsForgottenOrItsWorkerTold() {
        join(W0);
        arrive(1, 3_000);
        arrive(2, 10);
        tell(new FleetEvent.Cancelled(nowNanos, 2));
        assertEquals(List.of(new FleetCommand.Forget(2)), last);
        tell(new FleetEvent.Cancelled(nowNanos, 1));
        assertEquals(List.of("w0:cancel 1"), sent());
        tell(new FleetEvent.Cancelled(nowNanos, 1));
        assertEquals(List.of(), sent(), "told once");
        report(W0, 2, List.of(), List.of(1L), List.of());
        assertEquals(List.of(new FleetCommand.Forget(1)), last);
    }

    @Test
    void whatALostWorkerHeldIsBoundAnewWithWhatItHad() {
        join(W0);
        arrive(1, 10);
        started(W0, 1, 1L);
        join(W1);
        nowNanos = 7 * MS;
        tell(new FleetEvent.WorkerLost(nowNanos, W0, List.of(new Progress(1, List.of(3)))));
        WorkerOrder.Bind bind = (WorkerOrder.Bind) ((FleetCommand.Send) last.get(0)).order();
        assertEquals(List.of("w1:bind 1"), sent());
        assertEquals(List.of(3), bind.generated());
        assertEquals(7 * MS, bind.ageNanos(), "it keeps its arrival");
    }

    @Test
    void aReportOfALostWorkerIsOverheard() {
        join(W0);
        arrive(1, 10);
        tell(new FleetEvent.WorkerLost(nowNanos, W0, List.of()));
        report(W0, 1, List.of(1L), List.of(1L), List.of());
        assertEquals(List.of(), last);
        assertEquals(1, dispatcher.waiting());
    }

    @Test
    void aCancelThatCrossesAHandBackIsDone() {
        join(W0);
        arrive(1, 10);
        tell(new FleetEvent.Cancelled(nowNanos, 1));
        report(W0, 1, List.of(), List.of(), List.of(new Progress(1, List.of(0))));
        assertEquals(List.of(new FleetCommand.Forget(1)), last);
        assertEquals(0, dispatcher.waiting() + dispatcher.bound());
    }

    @Test
    void hfxBindsAtOnceWhatAWorkerAdmits() {
        dispatcher = dispatcher("hfx", DispatcherLimits.DEFAULTS);
        join(W0);
        arrive(1, withTtft(900, OnMiss.DEMOTE), 300);
        arrive(2, withTtft(2_000, OnMiss.DEMOTE), 10);
        assertEquals(List.of("w0:bind 2"), sent());
        arrive(3, withTtft(800, OnMiss.DEMOTE), 10);
        assertEquals(List.of("w0:bind 3"), sent());
    }

    @Test
    void hfxDemotesOrRefusesAtOnceWhatWouldMakeAnotherLate() {
        dispatcher = dispatcher("hfx", DispatcherLimits.DEFAULTS);
        join(W0);
        arrive(1, withTtft(400, OnMiss.DEMOTE), 300);
        arrive(2, withTtft(350, OnMiss.REJECT), 300);
        assertEquals(
                List.of(new FleetCommand.Refuse(2, RefusalReason.SLO_OUT_OF_REACH, 300 * MS + 1)),
                refused());
        arrive(3, withTtft(350, OnMiss.DEMOTE), 300);
        WorkerOrder.Bind bind = (WorkerOrder.Bind) ((FleetCommand.Send) last.get(0)).order();
        assertEquals(3, bind.requestId());
        assertEquals(true, bind.demoted());
    }

    @Test
    void hfxCallsUnstartedWorkBackForAnIdleWorker() {
        dispatcher = dispatcher("hfx", DispatcherLimits.DEFAULTS);
        join(W0);
        arrive(1, 100);
        started(W0, 1, 1L);
        arrive(2, 100);
        join(W1);
        started(W0, 2);
        assertEquals(List.of("w0:recall 2"), sent());
        report(W0, 3, List.of(), List.of(), List.of(new Progress(2, List.of(0))));
        assertEquals(List.of("w1:bind 2"), sent());
    }

    @Test
    void hfxLetsAWindowOfLeftoverWorkLieBesideWhatItAdmits() {
        dispatcher = dispatcher("hfx", DispatcherLimits.DEFAULTS);
        join(W0);
        arrive(1, withTtft(100_000, OnMiss.DEMOTE), 300);
        arrive(1_000, 300);
        assertEquals(List.of("w0:bind 1000"), sent());
        arrive(1_001, 10);
        assertEquals(List.of(), sent(), "the window is full");
        started(W0, 2, 1L, 1_000L);
        assertEquals(List.of("w0:bind 1001"), sent());
    }

    @Test
    void misuseIsAnException() {
        arrive(1, 10);
        assertThrows(IllegalStateException.class, () -> arrive(1, 10));
        nowNanos = -1;
        assertThrows(
                IllegalArgumentException.class,
                () -> dispatcher.on(new FleetEvent.Woken(nowNanos)));
    }
}
