package io.hfx.benchmarks.clone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceException;
import io.hfx.d2d.transfer.LinkTransport;
import io.hfx.d2d.transfer.TransferException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The program as a whole, on a small image; none of its figures is judged. */
class CloneBenchTest {
    @TempDir Path folder;
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--out", folder.toString()));
        CommandLine program = CloneBench.commandLine().setErr(new PrintWriter(err, true));
        return program.execute(all.toArray(new String[0]));
    }

    private static void assumeThatAllWaysAreThere() {
        try (Device host = Device.host()) {
            host.allocateShareable(1).close();
        } catch (DeviceException e) {
            assumeTrue(e.code() != DeviceException.Code.UNSUPPORTED, e.getMessage());
            throw e;
        }
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/dd")), "no /usr/bin/dd");
    }

    private static List<String> overUcx() {
        try {
            LinkTransport.of("ucx");
            return List.of("ucx-1", "ucx-2");
        } catch (TransferException e) {
            return List.of();
        }
    }

    @Test
    void everyWayIsMeasuredInEveryRound() throws Exception {
        assumeThatAllWaysAreThere();
        assertEquals(
                0,
                run(
                        "--image-mib",
                        "8",
                        "--rounds",
                        "2",
                        "--links",
                        "1,2",
                        "--receivers",
                        "1,4",
                        "--paced-mb",
                        "200"),
                () -> err.toString());
        JsonNode document = CloneReport.JSON.readTree(folder.resolve("clone.json").toFile());
        List<String> paths = new ArrayList<>(overUcx());
        paths.addAll(
                List.of(
                        "allocate",
                        "allocate-shareable",
                        "disk-cold",
                        "disk-cold-direct",
                        "disk-cold-open",
                        "disk-warm",
                        "disk-warm-open",
                        "memcpy-1",
                        "memcpy-2",
                        "shm-copy-1",
                        "shm-copy-2",
                        "shm-attach",
                        "raw-1",
                        "raw-1-wide",
                        "raw-2",
                        "tcp-1",
                        "tcp-2",
                        "paced-1",
                        "paced-star-4",
                        "paced-chain-4"));
        for (String path : paths) {
            JsonNode rate = document.path("paths").path(path).path("gb_per_second");
            assertEquals(2, rate.path("count").asInt(), path);
            assertTrue(rate.path("least").asDouble() > 0, path);
        }
        assertEquals(paths.size(), document.path("paths").size());
        assertEquals(6, document.path("targets").size());
        assertEquals(2, document.path("rounds").size());
        assertFalse(Files.exists(folder.resolve("image.safetensors")));
        assertEquals(2, run("--only", "raw-1"), "a result is not overwritten");
    }

    @Test
    void wrongOptionsAreNamed() {
        for (String[] args :
                List.of(
                        new String[] {"--image-mib", "6"},
                        new String[] {"--image-mib", "0"},
                        new String[] {"--rounds", "0"},
                        new String[] {"--links", "1,65"})) {
            assertEquals(2, run(args));
            assertTrue(err.toString().contains(args[0]), err.toString());
        }
    }

    @Test
    void aTargetIsJudgedByItsRoundsMedian() {
        List<Figure> figures = new ArrayList<>();
        double[] own = {100, 130, 100};
        for (int round = 0; round < own.length; round++) {
            figures.add(figure(round, "tcp-1", own[round]));
            figures.add(figure(round, "raw-1", 120));
            figures.add(figure(round, "raw-1-wide", 90));
            figures.add(figure(round, "paced-1", 10));
            figures.add(figure(round, "paced-chain-4", 14));
        }
        List<Target> targets = Target.all(figures);
        assertEquals(2, targets.size());
        assertEquals(0.9, targets.get(0).ratio().median(), 1e-9);
        assertTrue(targets.get(0).met());
        assertEquals(1.4, targets.get(1).ratio().median(), 1e-9);
        assertFalse(targets.get(1).met());
    }

    private static Figure figure(int round, String path, double millis) {
        return new Figure(round, path, 1, Map.of(Figure.WEIGHTS, millis), 0);
    }
}
