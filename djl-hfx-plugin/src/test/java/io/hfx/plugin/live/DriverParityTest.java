package io.hfx.plugin.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.scheduler.dispatch.Dispatcher;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.scheduler.step.StepPlanner;
import io.hfx.scheduler.time.VirtualTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the live threads and queues made of a load, event by event, comes out the same when the
 * events are played in virtual time: nothing but the events decides.
 */
@Timeout(60)
class DriverParityTest {
    private record Said<E, C>(E event, List<C> commands) {}

    private static final class Recorder implements LoopLog {
        private final List<Said<FleetEvent, FleetCommand>> fleet = new ArrayList<>();
        private final Map<WorkerSpec, List<Said<WorkerEvent, WorkerCommand>>> workers =
                new ConcurrentHashMap<>();

        @Override
        public void fleet(FleetEvent event, List<FleetCommand> commands) {
            fleet.add(new Said<>(event, List.copyOf(commands)));
        }

        @Override
        public void worker(WorkerSpec worker, WorkerEvent event, List<WorkerCommand> commands) {
            workers.computeIfAbsent(worker, w -> new ArrayList<>())
                    .add(new Said<>(event, List.copyOf(commands)));
        }
    }

    @ParameterizedTest
    @MethodSource("io.hfx.plugin.live.LiveFleet#policies")
    void theSameEventsGiveTheSameCommands(String name) throws Exception {
        Recorder recorder = new Recorder();
        try (LiveModelService service =
                LiveFleet.start(
                        name, List.of(LiveFleet.executor(), LiveFleet.executor()), recorder)) {
            List<Listening> all = new ArrayList<>();
            for (int i = 0; i < 80; i++) {
                SloClass c = i % 4 == 0 ? SloClass.BEST_EFFORT : LiveFleet.TIGHT;
                Listening listening = new Listening(1 + i % 2);
                service.submit(LiveFleet.request(i, c, 1 + 5 * i, 1 + i % 2, 12), listening);
                all.add(listening);
            }
            service.cancel(79);
            for (Listening listening : all.subList(0, 79)) {
                listening.await();
            }
        }
        Policy policy = Policies.named(name, getClass().getClassLoader());
        Map<String, List<?>> replayed = new LinkedHashMap<>();
        Dispatcher dispatcher =
                new Dispatcher(policy.fleet(PolicyConfig.DEFAULTS), DispatcherLimits.DEFAULTS);
        replayed.put("dispatcher", replay(recorder.fleet, dispatcher::on));
        assertEquals(recorder.fleet, replayed.get("dispatcher"));
        assertEquals(2, recorder.workers.size());
        recorder.workers.forEach(
                (spec, said) -> {
                    StepPlanner planner = new StepPlanner(spec, policy.step(PolicyConfig.DEFAULTS));
                    assertTrue(said.size() > 50, "too little was said to compare");
                    assertEquals(said, replay(said, planner::on));
                });
    }

    private interface Machine<E, C> {
        List<C> on(E event);
    }

    private static <E, C> List<Said<E, C>> replay(
            List<Said<E, C>> recorded, Machine<E, C> machine) {
        VirtualTime time = new VirtualTime();
        List<Said<E, C>> said = new ArrayList<>();
        long firstNanos = atNanos(recorded.get(0).event());
        for (Said<E, C> one : recorded) {
            time.at(
                    atNanos(one.event()) - firstNanos,
                    () -> said.add(new Said<>(one.event(), List.copyOf(machine.on(one.event())))));
        }
        time.run(recorded.size() + 1L);
        return said;
    }

    private static long atNanos(Object event) {
        return event instanceof FleetEvent f ? f.atNanos() : ((WorkerEvent) event).atNanos();
    }
}
