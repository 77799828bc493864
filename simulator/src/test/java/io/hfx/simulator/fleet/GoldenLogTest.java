package io.hfx.simulator.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.FleetCommand;
import io.hfx.scheduler.message.FleetEvent;
import io.hfx.scheduler.message.WorkerCommand;
import io.hfx.scheduler.message.WorkerEvent;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * One small scenario, all that is said in it, held against a file that is read in review like code.
 * After a change that is meant, {@code -Dhfx.golden=write} writes the files anew.
 */
class GoldenLogTest {
    private static final long MS = 1_000_000;

    /** 1 ms a step, 1 ms a prefill token, 1 ms a decode. */
    private static final LatencyModel LATENCY = new LatencyModel(MS, 0, MS, 0, 0, MS, 0);

    private static final class Transcript implements SimFleet.Log {
        private final StringBuilder text = new StringBuilder();

        @Override
        public void fleet(FleetEvent event, List<FleetCommand> commands) {
            add("dispatcher", event, commands);
        }

        @Override
        public void worker(WorkerId worker, WorkerEvent event, List<WorkerCommand> commands) {
            add(worker.name(), event, commands);
        }

        private void add(String who, Object event, List<?> commands) {
            text.append(who).append(" <- ").append(brief(event)).append('\n');
            commands.forEach(c -> text.append("    -> ").append(brief(c)).append('\n'));
        }

        /** Without the fitted latency model and its error, which have tests; with short names. */
        private static String brief(Object said) {
            return said.toString()
                    .replaceAll("LatencyModel\\[[^\\]]*\\]", "-")
                    .replaceAll(", error=FitError\\[[^\\]]*\\]", "")
                    .replaceAll("SequenceKey\\[requestId=(\\d+), index=(\\d+)\\]", "$1.$2")
                    .replace(Long.toString(Slo.NONE), "none");
        }
    }

    private static SimRequest request(long id, long atMillis, Slo slo, int prompt, int output) {
        SloClass c = new SloClass("c" + id, slo, OnMiss.DEMOTE, 1);
        return new SimRequest(
                atMillis * MS, new RequestSpec(id, c, 3, List.of(prompt), 1, output), output);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fcfs", "sarathi", "edf", "hfx"})
    void whatIsSaid(String policy) throws Exception {
        WorkerSpec worker =
                new WorkerSpec(
                        new WorkerId("worker-0"),
                        WorkerSpec.Kind.TOKEN_LEVEL,
                        new KvBudget.Slots(4, 1_000),
                        4,
                        true,
                        LATENCY);
        SimSettings settings =
                Scenarios.settings(
                        Scenarios.policy(policy),
                        List.of(worker),
                        new StepTiming(LATENCY, 0, 0, 2),
                        1);
        Transcript transcript = new Transcript();
        new SimFleet(settings, transcript)
                .run(
                        List.of(
                                request(1, 0, Slo.BEST_EFFORT, 300, 3),
                                request(2, 10, new Slo(400 * MS, 20 * MS, Slo.NONE), 40, 3),
                                request(3, 20, new Slo(350 * MS, 50 * MS, Slo.NONE), 20, 2),
                                request(4, 30, new Slo(30 * MS, Slo.NONE, Slo.NONE), 60, 1)));
        String name = policy + ".txt";
        if ("write".equals(System.getProperty("hfx.golden"))) {
            Files.writeString(
                    Path.of("src/test/resources/io/hfx/simulator/fleet", name),
                    transcript.text.toString());
        }
        try (InputStream in = GoldenLogTest.class.getResourceAsStream(name)) {
            assertNotNull(in, name);
            String golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(golden, transcript.text.toString());
        }
    }
}
