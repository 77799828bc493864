package io.hfx.benchmarks.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The program as a whole; shortest runs, and none of their figures is judged. */
class DjlBenchTest {
    @TempDir Path folder;
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--out", folder.toString()));
        all.addAll(List.of("--plugin", "../djl-hfx-bootstrap/target/plugins/hfx"));
        CommandLine program = DjlBench.commandLine().setErr(new PrintWriter(err, true));
        return program.execute(all.toArray(new String[0]));
    }

    private JsonNode result(String part) throws Exception {
        return Ledger.JSON.readTree(folder.resolve(part + ".json").toFile());
    }

    @Test
    void aWrongPartIsNamed() {
        assertEquals(CommandLine.ExitCode.USAGE, run("overlaod"));
        assertTrue(err.toString().contains("overlaod"), err.toString());
    }

    @Test
    void aResultIsNotOverwritten() throws Exception {
        Files.writeString(folder.resolve("overload.json"), "{}");
        assertEquals(CommandLine.ExitCode.SOFTWARE, run("overload"));
        assertTrue(err.toString().contains("--resume"), err.toString());
        assertEquals("{}", Files.readString(folder.resolve("overload.json")));
    }

    @Test
    @EnabledIfEnvironmentVariable(
            named = "DJL_SERVING_HOME",
            matches = ".+",
            disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
    void unloadedMeasuresThreeServersAndGoesOn() throws Exception {
        String[] args = {
            "unloaded",
            "--rounds",
            "2",
            "--seconds",
            "0.5",
            "--connections",
            "1,2",
            "--warm-up-requests",
            "50",
            "--stop-after",
            "1",
            "--resume"
        };
        assertEquals(0, run(args), err.toString());
        assertEquals(6, result("unloaded").path("runs").size());
        assertEquals(0, run(args), err.toString());
        JsonNode result = result("unloaded");
        assertEquals(12, result.path("runs").size());
        assertEquals(2, result.path("commands").size());
        for (JsonNode run : result.path("runs")) {
            assertTrue(run.path("per_second").isNumber(), run.toString());
            assertEquals(0, run.path("failed").asInt(), run.toString());
        }
        JsonNode summary = result.path("summary").path("2 connections");
        assertEquals(3, summary.path("servers").size(), summary.toString());
        assertTrue(summary.path("hfx_to_stock").has("p50"), summary.toString());
        args[4] = "0.6";
        assertNotEquals(0, run(args));
        assertTrue(err.toString().contains("another settings"), err.toString());
    }

    @Test
    @EnabledIfEnvironmentVariable(
            named = "DJL_SERVING_HOME",
            matches = ".+",
            disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
    void overloadAccountsForEveryRequestOnBothServers() throws Exception {
        int exit =
                run(
                        "overload",
                        "--runs",
                        "1",
                        "--seconds",
                        "3",
                        "--loads",
                        "0.5",
                        "--warm-up-requests",
                        "50",
                        "--probe-seconds",
                        "1");
        assertEquals(0, exit, err.toString());
        JsonNode runs = result("overload").path("runs");
        assertEquals(2, runs.size());
        assertEquals(offered(runs.get(0)), offered(runs.get(1)), "the same requests for both");
        for (JsonNode run : runs) {
            assertTrue(run.path("capacity_before").isNumber(), run.toString());
            for (JsonNode its : run.path("classes")) {
                long lost = its.path("offered").asLong() - its.path("completed").asLong();
                for (JsonNode count : its.path("not_completed")) {
                    lost -= count.asLong();
                }
                assertEquals(0, lost, run.toString());
            }
        }
    }

    @Test
    @EnabledIfEnvironmentVariable(
            named = "DJL_SERVING_HOME",
            matches = ".+",
            disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
    void churnAccountsForEveryRequest() throws Exception {
        int exit =
                run(
                        "churn",
                        "--engine",
                        "fixed",
                        "--cycles",
                        "2",
                        "--rate",
                        "20",
                        "--warm-up-seconds",
                        "1");
        assertEquals(0, exit, err.toString());
        JsonNode run = result("churn").path("runs").get(0);
        assertEquals(2, run.path("cycles").size());
        assertTrue(run.path("cycles").get(1).path("server").path("threads").asInt() != 0);
        JsonNode requests = run.path("requests");
        long ended = requests.path("whole").asLong() + requests.path("interrupted").asLong();
        for (JsonNode count : requests.path("not_completed")) {
            ended += count.asLong();
        }
        assertEquals(requests.path("sent").asLong(), ended, requests.toString());
        assertTrue(requests.path("whole").asLong() > 0, requests.toString());
    }

    private static List<Long> offered(JsonNode run) {
        List<Long> offered = new ArrayList<>();
        run.path("classes").forEach(its -> offered.add(its.path("offered").asLong()));
        return offered;
    }
}
