package io.hfx.cli.clone;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.cli.Hfx;
import io.hfx.cli.process.Program;
import io.hfx.d2d.device.Device;
import io.hfx.engine.sample.SampleModel;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real servers, each a process, that take their weights from each other and answer alike. */
@Timeout(300)
class CloneDemoTest {
    @TempDir Path folder;

    @Test
    void everyPathOfThisMachineGivesTheSameAnswers() throws Exception {
        Path model = folder.resolve("model");
        SampleModel.create(SampleModel.Size.TINY, model, 1);
        Path work = folder.resolve("work");
        StringWriter said = new StringWriter();
        CloneReport report =
                new CloneDemo(
                                model,
                                work,
                                1,
                                Program.ofThisProcess(Hfx.class.getName()),
                                new PrintWriter(said, true))
                        .run();
        boolean shares;
        try (Device host = Device.host()) {
            shares = host.shares();
        }
        Set<String> expected = new TreeSet<>(Set.of("disk", "tcp-1", "tcp-2", "tcp-4"));
        if (shares) {
            expected.addAll(Set.of("attach", "copy"));
        }
        if (ColdFiles.areThere()) {
            expected.add("disk-cold");
        }
        assertEquals(expected, report.runs().keySet());
        JsonNode json = new ObjectMapper().readTree(report.json());
        for (String path : expected) {
            JsonNode figures = json.path("paths").path(path);
            for (String figure :
                    List.of(
                            "allocateMs",
                            "weightsMs",
                            "warmupMs",
                            "linkMs",
                            "selfTestMs",
                            "readyMs",
                            "firstGoodTokenMs",
                            "gbPerSecond")) {
                assertTrue(figures.path(figure).isNumber(), path + " " + figure);
            }
            double readyMs = figures.path("readyMs").asDouble();
            assertTrue(readyMs >= figures.path("weightsMs").asDouble(), path);
            assertTrue(readyMs >= figures.path("warmupMs").asDouble(), path);
            assertTrue(figures.path("firstGoodTokenMs").asDouble() >= readyMs, path);
            assertEquals(path.startsWith("disk"), figures.path("linkMs").asDouble() == 0, path);
            assertTrue(report.table().contains("\n" + path), report.table());
        }
        try (var left = Files.list(work)) {
            Set<String> names = new TreeSet<>();
            left.forEach(file -> names.add(file.getFileName().toString()));
            assertFalse(names.stream().anyMatch(name -> name.endsWith(".key")), names.toString());
        }
    }
}
