package io.hfx.scheduler.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.Paused;
import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.StepReport;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Request 1 runs on a and is to move to b; whatever happens, one worker goes on with it. */
class MigrationTest {
    private static final WorkerId A = new WorkerId("a");
    private static final WorkerId B = new WorkerId("b");
    private static final Paused STATE = new Paused(1, List.of(3), List.of(7L));
    private static final Progress PROGRESS = STATE.progress();

    /** Binds to the first worker, and moves what it is told to. */
    private static final class Told implements FleetPolicy {
        private final List<Migration> next = new ArrayList<>();
        private final List<String> heard = new ArrayList<>();

        @Override
        public void bound(Waiting request, WorkerView worker) {
            heard.add("bound " + worker.spec().id());
        }

        @Override
        public void started(Waiting request, WorkerView worker) {
            heard.add("started " + worker.spec().id());
        }

        @Override
        public void left(Waiting request, WorkerView worker) {
            heard.add("left " + worker.spec().id());
        }

        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            return new Rank(0, 0, 0);
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            return fleet.workers().isEmpty()
                    ? new Route.Close()
                    : new Route.Bind(fleet.workers().get(0).spec().id());
        }

        @Override
        public List<Migration> migrations(FleetView fleet) {
            List<Migration> moves = List.copyOf(next);
            next.clear();
            return moves;
        }
    }

    private final Told policy = new Told();
    private final Dispatcher dispatcher = new Dispatcher(policy, DispatcherLimits.DEFAULTS);
    private final List<String> said = new ArrayList<>();
    private int ordersOfA = 1;
    private int ordersOfB;

    /** Request 1 has started on a, and a is told to pause it. */
    @BeforeEach
    void aMoveBegins() {
        join(A);
        join(B);
        tell(
                new FleetEvent.Arrived(
                        0, new RequestSpec(1, SloClass.BEST_EFFORT, 3, List.of(5), 1, 9), 0));
        policy.next.add(new FleetPolicy.Migration(1, B));
        report(A, List.of(1L), List.of(), List.of(), List.of(), List.of());
        assertEquals(List.of("a:Pause"), said);
    }

    private void join(WorkerId id) {
        tell(
                new FleetEvent.WorkerJoined(
                        0,
                        new WorkerSpec(
                                id,
                                WorkerSpec.Kind.TOKEN_LEVEL,
                                new KvBudget.Slots(4, 100),
                                4,
                                true,
                                new LatencyModel(1, 0, 0, 0, 0, 0, 0))));
    }

    private void tell(FleetEvent event) {
        said.clear();
        for (FleetCommand command : dispatcher.on(event)) {
            if (command instanceof FleetCommand.Send send) {
                WorkerOrder order = send.order();
                said.add(send.worker() + ":" + order.getClass().getSimpleName());
                ordersOfA += send.worker().equals(A) ? 1 : 0;
                ordersOfB += send.worker().equals(B) ? 1 : 0;
            } else {
                said.add(command.getClass().getSimpleName());
            }
        }
    }

    private void report(
            WorkerId id,
            List<Long> started,
            List<Long> ended,
            List<Progress> handedBack,
            List<Paused> paused,
            List<Long> goingOn) {
        StepReport.Load idle = new StepReport.Load(0, 0, 0, 0, 4, 0);
        int acknowledged = id.equals(A) ? ordersOfA : ordersOfB;
        tell(
                new FleetEvent.Reported(
                        0,
                        new StepReport(
                                id,
                                acknowledged,
                                started,
                                ended,
                                handedBack,
                                paused,
                                goingOn,
                                List.of(),
                                idle,
                                new LatencyModel(1, 0, 0, 0, 0, 0, 0))));
    }

    private void paused() {
        report(A, List.of(), List.of(), List.of(), List.of(STATE), List.of());
    }

    private void goingOn(WorkerId id) {
        report(id, List.of(), List.of(), List.of(), List.of(), List.of(1L));
    }

    private void ended(WorkerId id) {
        report(id, List.of(), List.of(1L), List.of(), List.of(), List.of());
    }

    private void handedBack(WorkerId id) {
        report(id, List.of(), List.of(), List.of(PROGRESS), List.of(), List.of());
    }

    @Test
    void itGoesOnAtTheTargetAndTheSourceForgetsIt() {
        paused();
        assertEquals(List.of("b:Import"), said);
        goingOn(B);
        assertEquals(List.of("a:Discard"), said);
        ended(B);
        assertEquals(List.of("Forget"), said);
    }

    @Test
    void thePolicyHearsOfAMoveAsOfALeavingABindingAndAStart() {
        assertEquals(List.of("bound a", "started a"), policy.heard);
        paused();
        goingOn(B);
        assertEquals(
                List.of("bound a", "started a", "left a", "bound b", "started b"), policy.heard);
    }

    @Test
    void whatCannotPauseGoesOnAndMayMoveLater() {
        goingOn(A);
        assertEquals(List.of(), said);
        policy.next.add(new FleetPolicy.Migration(1, B));
        report(A, List.of(), List.of(), List.of(), List.of(), List.of());
        assertEquals(List.of("a:Pause"), said);
    }

    @Test
    void whatTheTargetHandsBackGoesOnAtTheSource() {
        paused();
        handedBack(B);
        assertEquals(List.of("a:Resume"), said);
        ended(A);
        assertEquals(List.of("Forget"), said);
    }

    @Test
    void aTargetThatIsGoneIsNotTried() {
        tell(new FleetEvent.WorkerLost(0, B, List.of()));
        paused();
        assertEquals(List.of("a:Resume"), said);
    }

    @Test
    void aTargetThatIsLostMeanwhileLeavesItToTheSource() {
        paused();
        tell(new FleetEvent.WorkerLost(0, B, List.of()));
        assertEquals(List.of("a:Resume"), said);
    }

    @Test
    void aSourceThatIsLostLeavesItToTheTarget() {
        paused();
        tell(new FleetEvent.WorkerLost(0, A, List.of(PROGRESS)));
        assertEquals(List.of(), said);
        goingOn(B);
        assertEquals(List.of(), said);
        ended(B);
        assertEquals(List.of("Forget"), said);
    }

    @Test
    void whatHasYetToArriveIsNotMovedOn() {
        paused();
        tell(new FleetEvent.WorkerLost(0, A, List.of(PROGRESS)));
        join(A);
        policy.next.add(new FleetPolicy.Migration(1, A));
        assertThrows(
                IllegalStateException.class,
                () -> report(B, List.of(), List.of(), List.of(), List.of(), List.of()));
        goingOn(B);
        policy.next.add(new FleetPolicy.Migration(1, A));
        report(B, List.of(), List.of(), List.of(), List.of(), List.of());
        assertEquals(List.of("b:Pause"), said);
    }

    @Test
    void withoutTheSourceAFailedTransferIsComputedAgain() {
        paused();
        tell(new FleetEvent.WorkerLost(0, A, List.of(PROGRESS)));
        handedBack(B);
        assertEquals(List.of("b:Bind"), said);
    }

    @Test
    void aCancelTellsBothAndBothMustEnd() {
        paused();
        tell(new FleetEvent.Cancelled(0, 1));
        assertEquals(List.of("a:Cancel", "b:Cancel"), said);
        goingOn(B);
        assertEquals(List.of(), said);
        ended(A);
        assertEquals(List.of(), said);
        ended(B);
        assertEquals(List.of("Forget"), said);
    }

    @Test
    void aCancelledPauseGoesNowhere() {
        tell(new FleetEvent.Cancelled(0, 1));
        paused();
        assertEquals(List.of(), said);
        ended(A);
        assertEquals(List.of("Forget"), said);
    }

    @Test
    void whatEndsOnTheSourceMeanwhileEndsOnTheTargetToo() {
        paused();
        ended(A);
        assertEquals(List.of("b:Cancel"), said);
        ended(B);
        assertEquals(List.of("Forget"), said);
    }

    @Test
    void anEndThatCrossesTheArrivalEndsItThere() {
        paused();
        goingOn(B);
        ended(A);
        assertEquals(List.of("b:Cancel"), said);
        ended(B);
        assertEquals(List.of("Forget"), said);
    }

    @Test
    void anImpossibleMoveIsThePolicysFault() {
        policy.next.add(new FleetPolicy.Migration(1, B));
        assertThrows(
                IllegalStateException.class,
                () -> report(A, List.of(), List.of(), List.of(), List.of(), List.of()),
                "it moves already");
        policy.next.add(new FleetPolicy.Migration(2, B));
        assertThrows(
                IllegalStateException.class,
                () -> report(A, List.of(), List.of(), List.of(), List.of(), List.of()),
                "there is no such request");
    }
}
