package io.hfx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole way: a real server process with emulated workers, its recording, its twin. */
class FidelityCommandsTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @TempDir Path folder;

    @Test
    @Timeout(240)
    void aLiveRunIsRecordedAndSimulated() throws IOException {
        Path model = folder.resolve("model");
        SampleModel.create(SampleModel.Size.TINY, model, 0);
        Path recording = folder.resolve("recording");
        Path json = folder.resolve("fidelity.json");
        run(
                "simulate record "
                        + recording
                        + " --emulated ../configs/latency-profile.json --workers 2 --kv-slots 4"
                        + " --context 512 --model "
                        + model
                        + " --workload chat --classes ../configs/slo-classes.json --policies hfx"
                        + " --loads 0.5 --seconds 2 --calibration-seconds 1 --capacity 8");
        run("simulate fidelity " + recording + " --json " + json);

        assertTrue(out.toString().contains("hfx at 50 %"), out.toString());
        JsonNode result = new ObjectMapper().readTree(Files.readString(json));
        JsonNode run = result.at("/comparisons/0");
        assertTrue(run.at("/live/requests").asInt() > 0, run.toString());
        assertEquals(run.at("/live/requests"), run.at("/simulated/mean/requests"));
        assertEquals(run.at("/live/requests"), run.at("/live/completed"), run.toString());
        assertEquals(8, result.at("/fleet/capacityPerSecond").asDouble());
        assertTrue(result.at("/fleet/frontMillis").asDouble() > 0);
        assertTrue(run.at("/live/ttftMillis/mean").asDouble() > 0);
        assertTrue(run.at("/serverMillis/ttft").asDouble() > 0, run.toString());
        assertTrue(run.at("/simulated/mean/ttftMillis/mean").asDouble() > 0);
        assertTrue(run.at("/replayed/mean/ttftMillis/mean").asDouble() > 0);
        assertTrue(
                fails(
                        "simulate record "
                                + recording
                                + " --classes ../configs/slo-classes.json --model "
                                + model),
                "another server");
        assertTrue(err.toString().contains("name another folder"), err.toString());
        assertEquals(0, ProcessHandle.current().children().filter(ProcessHandle::isAlive).count());
    }

    @Test
    void wrongLoadsAreOneLine() {
        assertTrue(
                fails(
                        "simulate record "
                                + folder
                                + " --classes ../configs/slo-classes.json --loads 9"));
        assertTrue(
                err.toString().contains("--loads must be above 0 and at most 3"), err.toString());
    }

    private void run(String arguments) {
        assertEquals(0, commandLine().execute(arguments.split(" ")), err.toString());
    }

    private boolean fails(String arguments) {
        return commandLine().execute(arguments.split(" ")) == 1;
    }

    private CommandLine commandLine() {
        CommandLine commandLine = Hfx.commandLine();
        commandLine.setOut(new PrintWriter(out, true));
        commandLine.setErr(new PrintWriter(err, true));
        return commandLine;
    }
}
