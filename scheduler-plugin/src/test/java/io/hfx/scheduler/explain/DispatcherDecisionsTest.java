package io.hfx.scheduler.explain;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Paused;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** On cases that one can check by hand: 1 ms a prefill token, nothing else. */
class DispatcherDecisionsTest {
    private static final long MS = 1_000_000;
    private static final LatencyModel LATENCY = new LatencyModel(0, 0, MS, 0, 0, 0, 0);
    private static final WorkerId W0 = new WorkerId("w0");
    private static final WorkerId W1 = new WorkerId("w1");

    private final List<String> told = new ArrayList<>();
    private Dispatcher dispatcher = dispatcher(policy("hfx"), DispatcherLimits.DEFAULTS);
    private long nowNanos;

    private static FleetPolicy policy(String name) {
        return Policies.named(name, DispatcherDecisionsTest.class.getClassLoader())
                .fleet(PolicyConfig.DEFAULTS);
    }

    private Dispatcher dispatcher(FleetPolicy policy, DispatcherLimits limits) {
        return new Dispatcher(policy, limits, d -> told.add(brief(d)));
    }

    /** For example {@code 1 bound in-time w0 40/100}, the last in milliseconds. */
    private static String brief(Decision d) {
        StringBuilder text = new StringBuilder().append(d.requestId());
        text.append(' ').append(d.what().label());
        if (d.reason() != null) {
            text.append(' ').append(d.reason().label());
        }
        if (d.worker() != null) {
            text.append(' ').append(d.worker());
        }
        if (!d.forecast().equals(Forecast.NONE)) {
            text.append(' ').append(millis(d.forecast().firstTokenNanos()));
            text.append('/').append(millis(d.forecast().dueNanos()));
        }
        return text.toString();
    }

    private static String millis(long nanos) {
        return nanos == Slo.NONE ? "?" : Long.toString(nanos / MS);
    }

    /** What was told since the last call. */
    private List<String> told() {
        List<String> since = List.copyOf(told);
        told.clear();
        return since;
    }

    private void join(WorkerId id, int slots) {
        KvBudget kv = new KvBudget.Slots(slots, 5_000);
        WorkerSpec.Kind kind = WorkerSpec.Kind.TOKEN_LEVEL;
        dispatcher.on(
                new FleetEvent.WorkerJoined(
                        nowNanos, new WorkerSpec(id, kind, kv, 4, false, LATENCY)));
    }

    private void arrive(long id, SloClass sloClass, int promptTokens) {
        RequestSpec request = new RequestSpec(id, sloClass, 3, List.of(promptTokens), 1, 10);
        dispatcher.on(new FleetEvent.Arrived(nowNanos, request, 0));
    }

    private static SloClass withTtft(long millis, OnMiss onMiss) {
        return new SloClass("t", new Slo(millis * MS, Slo.NONE, Slo.NONE), onMiss, 1);
    }

    private static SloClass withTtft(long millis) {
        return withTtft(millis, OnMiss.DEMOTE);
    }

    private void report(
            WorkerId id,
            long acknowledged,
            List<Long> started,
            List<Progress> handedBack,
            List<Paused> paused,
            List<Long> goingOn) {
        dispatcher.on(
                new FleetEvent.Reported(
                        nowNanos,
                        new StepReport(
                                id,
                                acknowledged,
                                started,
                                List.of(),
                                handedBack,
                                paused,
                                goingOn,
                                List.of(),
                                new StepReport.Load(0, 0, 0, 0, 4, 0),
                                LATENCY)));
    }

    @Test
    void aBoundRequestHasAForecast() {
        join(W0, 4);
        arrive(1, withTtft(100), 40);
        assertEquals(List.of("1 bound in-time w0 40/100"), told());
        nowNanos = 10 * MS;
        arrive(2, withTtft(35), 30);
        assertEquals(List.of("2 bound in-time w0 40/45"), told());
    }

    @Test
    void whoIsDisplacedAndWhoDisplacesAreTold() {
        join(W0, 8);
        arrive(1, withTtft(100), 80);
        told();
        arrive(2, withTtft(60), 40);
        assertEquals(List.of("1 demoted displaced w0", "2 bound displaces w0 ?/60"), told());
    }

    @Test
    void whatIsDemotedSaysWhetherItOrTheFleetIsLate() {
        join(W0, 8);
        arrive(1, withTtft(100), 80);
        told();
        arrive(2, withTtft(100), 80);
        assertEquals(List.of("2 demoted no-room ?/100", "2 bound leftover w0"), told());
        arrive(3, withTtft(20), 21);
        assertEquals(List.of("3 demoted late ?/20", "3 bound leftover w0"), told());
        arrive(4, withTtft(20, OnMiss.REJECT), 21);
        assertEquals(List.of("4 refused slo-out-of-reach"), told());
        arrive(5, SloClass.BEST_EFFORT, 10);
        assertEquals(List.of("5 bound leftover w0"), told());
    }

    @Test
    void aWaitIsToldOnceForEachReason() {
        join(W0, 1);
        arrive(1, withTtft(1_000), 10);
        told();
        arrive(2, withTtft(1_000), 10);
        assertEquals(List.of("2 waits no-kv"), told());
        arrive(3, withTtft(1_001), 10);
        assertEquals(List.of("3 waits behind"), told(), "nobody asked about it");
        dispatcher.on(new FleetEvent.Woken(nowNanos));
        assertEquals(List.of(), told());
        join(W1, 1);
        assertEquals(List.of("2 bound in-time w1 10/1000", "3 waits no-kv"), told());
    }

    @Test
    void aFullQueueAndAnEmptyFleetRefuse() {
        dispatcher = dispatcher(policy("fcfs"), new DispatcherLimits(1, 1));
        arrive(1, SloClass.BEST_EFFORT, 10);
        arrive(2, SloClass.BEST_EFFORT, 10);
        dispatcher.on(new FleetEvent.Staffed(nowNanos, false));
        assertEquals(
                List.of("1 waits behind", "2 refused queue-full", "1 refused no-worker"), told());
        for (RefusalReason refusal : RefusalReason.values()) {
            assertEquals(refusal.label(), Reason.of(refusal).label());
        }
    }

    @Test
    void aWorkerThatLeavesOrIsLostGivesBack() {
        dispatcher = dispatcher(policy("fcfs"), DispatcherLimits.DEFAULTS);
        join(W0, 4);
        arrive(1, SloClass.BEST_EFFORT, 10);
        join(W1, 4);
        told();
        dispatcher.on(new FleetEvent.WorkerDraining(nowNanos, W0, 0));
        assertEquals(List.of("1 recalled worker-leaves w0"), told());
        Progress nothing = new Progress(1, List.of(0));
        report(W0, 2, List.of(), List.of(nothing), List.of(), List.of());
        assertEquals(List.of("1 returned handed-back w0", "1 bound open w1"), told());
        dispatcher.on(new FleetEvent.WorkerLost(nowNanos, W1, List.of()));
        assertEquals(List.of("1 returned worker-lost w1"), told());
    }

    @Test
    void workForAnIdleWorkerIsRecalled() {
        join(W0, 4);
        for (int id = 1; id <= 2; id++) {
            arrive(id, SloClass.BEST_EFFORT, 10);
        }
        join(W1, 4);
        told();
        report(W0, 2, List.of(1L), List.of(), List.of(), List.of());
        assertEquals(List.of("2 recalled balance w0"), told());
    }

    @Test
    void aMoveTellsItsEnd() {
        Mover policy = new Mover();
        dispatcher = dispatcher(policy, DispatcherLimits.DEFAULTS);
        join(W0, 4);
        join(W1, 4);
        arrive(1, SloClass.BEST_EFFORT, 10);
        told();
        Paused paused = new Paused(1, List.of(3), List.of(7L));
        policy.moves = List.of(new FleetPolicy.Migration(1, W1));
        report(W0, 1, List.of(1L), List.of(), List.of(), List.of());
        report(W0, 2, List.of(), List.of(), List.of(paused), List.of());
        report(W1, 1, List.of(), List.of(paused.progress()), List.of(), List.of());
        assertEquals(List.of("1 moves balance w1", "1 stays move-failed w0"), told());
        policy.moves = List.of(new FleetPolicy.Migration(1, W1));
        report(W0, 3, List.of(), List.of(), List.of(), List.of());
        report(W0, 4, List.of(), List.of(), List.of(paused), List.of());
        report(W1, 2, List.of(), List.of(), List.of(), List.of(1L));
        assertEquals(List.of("1 moves balance w1", "1 moved w1"), told());
    }

    /** Binds to the first worker, and moves what it is told to, once. */
    private static final class Mover implements FleetPolicy {
        private List<Migration> moves = List.of();

        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            return new Rank(0, 0, 0);
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            return new Route.Bind(fleet.workers().get(0).spec().id());
        }

        @Override
        public List<Migration> migrations(FleetView fleet) {
            List<Migration> now = moves;
            moves = List.of();
            return now;
        }
    }
}
