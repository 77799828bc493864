package io.hfx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.sample.SampleModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ModelCommandTest {
    @TempDir Path dir;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int hfx(String... args) {
        CommandLine commandLine =
                Hfx.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err, true));
        return commandLine.execute(args);
    }

    @Test
    void createsShowsAndReplacesAModel() throws IOException {
        String to = dir.resolve("m").toString();
        assertEquals(0, hfx("model", "create", "--size", "tiny", "--out", to), err.toString());
        assertTrue(out.toString().contains("tiny model, 3.2M parameters, seed 0"), out.toString());
        for (String file : SampleModel.FILES) {
            assertTrue(Files.isRegularFile(dir.resolve("m").resolve(file)), file);
        }

        assertEquals(0, hfx("model", "show", to), err.toString());
        assertTrue(out.toString().contains("heads         4 query, 2 key/value"), out.toString());
        assertTrue(
                out.toString().contains("39 tensors, 6,377,984 bytes stored, 12,755,968 bytes in"),
                out.toString());

        assertEquals(1, hfx("model", "create", "--size", "tiny", "--out", to));
        assertTrue(err.toString().contains("exists; give another --out, or --force"));
        byte[] before = Files.readAllBytes(dir.resolve("m/model.safetensors"));
        assertEquals(
                0, hfx("model", "create", "--size", "TINY", "--out", to, "--force", "--seed", "1"));
        assertNotEquals(
                -1,
                Arrays.mismatch(before, Files.readAllBytes(dir.resolve("m/model.safetensors"))));
    }

    @Test
    void tellsInOneLineWhatIsWrong() throws IOException {
        assertEquals(1, hfx("model", "show", dir.toString()));
        assertTrue(err.toString().strip().endsWith("config.json: no such file"), err.toString());
        assertEquals(1, err.toString().lines().count());
        assertEquals(2, hfx("model"));
        assertEquals(2, hfx("model", "create", "--size", "huge", "--out", dir.toString()));
    }
}
