package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.message.WorkerOrder;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.request.WorkerId;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every message and event survives a trip through text, so a worker may live elsewhere. */
class MessageSerialisationTest {
    @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
    private interface Typed {}

    private static final List<Class<?>> SEALED =
            List.of(
                    FleetEvent.class,
                    FleetCommand.class,
                    WorkerOrder.class,
                    WorkerEvent.class,
                    WorkerCommand.class);

    private static final ObjectMapper JSON = mapper();

    private static ObjectMapper mapper() {
        JsonMapper.Builder builder =
                JsonMapper.builder()
                        .visibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
                        .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
                        .visibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY)
                        .addMixIn(KvBudget.class, Typed.class);
        SEALED.forEach(type -> builder.addMixIn(type, Typed.class));
        return builder.build();
    }

    /** All that is said in a run. */
    private static final class Recorder implements SimFleet.Log {
        private final Set<Object> said = new LinkedHashSet<>();

        @Override
        public void fleet(FleetEvent event, List<FleetCommand> commands) {
            said.add(event);
            said.addAll(commands);
        }

        @Override
        public void worker(WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {
            said.add(event);
            said.addAll(commands);
        }
    }

    @Test
    void whatIsWrittenIsReadBackEqual() throws Exception {
        Recorder recorder = new Recorder();
        for (long seed = 1; seed <= 3; seed++) {
            new SimFleet(
                            Scenarios.settings("hfx", 3, new KvBudget.Slots(12, 2_048), seed),
                            recorder)
                    .loseWorkerAt(4_000 * Scenarios.MS, new WorkerId("worker-1"))
                    .drainWorkerAt(5_000 * Scenarios.MS, new WorkerId("worker-2"), 0)
                    .run(Scenarios.wild(120, 10, seed));
        }
        new SimFleet(
                        Scenarios.settings(
                                new Wanderer(1),
                                Scenarios.workers(3, new KvBudget.Slots(12, 2_048)),
                                new StepTiming(Scenarios.TRUTH, 0.1, 0, 8),
                                1),
                        recorder)
                .run(Scenarios.wild(120, 10, 1));
        recorder.said.add(new WorkerEvent.SequenceStopped(1, new SequenceKey(1, 2)));
        recorder.said.add(new WorkerCommand.Abandon());
        recorder.said.add(new WorkerCommand.Suspend());
        recorder.said.add(new WorkerCommand.Resume());
        recorder.said.add(new WorkerCommand.Restore(new SequenceKey(1, 2), 0, 64));
        recorder.said.add(new WorkerEvent.Cached(1, new SequenceKey(1, 2), 64));
        recorder.said.add(new FleetEvent.Staffed(1, false));
        recorder.said.add(
                new FleetCommand.Send(new WorkerId("worker-1"), new WorkerOrder.Demote(1, 2)));
        Set<String> seen = new TreeSet<>();
        for (Object message : recorder.said) {
            String text = JSON.writeValueAsString(message);
            assertEquals(message, JSON.readValue(text, message.getClass()), text);
            assertTrue(!text.contains("atNanos") || isEvent(message), "an instant: " + text);
            seen.add(message.getClass().getSimpleName());
        }
        Set<String> all =
                SEALED.stream()
                        .filter(type -> type != WorkerOrder.class)
                        .flatMap(type -> Arrays.stream(type.getPermittedSubclasses()))
                        .map(Class::getSimpleName)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(all, seen, "every kind of message was said");
        Arrays.stream(WorkerOrder.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .forEach(
                        kind ->
                                assertTrue(
                                        recorder.said.stream()
                                                .anyMatch(
                                                        m ->
                                                                m instanceof FleetCommand.Send s
                                                                        && s.order()
                                                                                .getClass()
                                                                                .getSimpleName()
                                                                                .equals(kind)),
                                        kind));
    }

    private static boolean isEvent(Object message) {
        return message instanceof FleetEvent || message instanceof WorkerEvent;
    }
}
