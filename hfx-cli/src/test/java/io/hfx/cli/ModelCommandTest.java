package io.hfx.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.sample.SampleModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
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
        assertTrue(
                out.toString().contains("tiny llama model, 3.2M parameters, seed 0"),
                out.toString());
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
    void createsAndShowsOtherForms() {
        for (String form : List.of("llama-linear", "mistral-window", "qwen3-window")) {
            String to = dir.resolve(form).toString();
            assertEquals(
                    0,
                    hfx("model", "create", "--arch", form, "--size", "micro", "--out", to),
                    err.toString());
            assertEquals(0, hfx("model", "show", to), err.toString());
        }
        String shown = out.toString();
        assertTrue(shown.contains("micro qwen3-window model, 0.3M parameters"), shown);
        assertTrue(shown.contains("windows       by layer: 16, none, 16, none tokens"), shown);
        assertTrue(shown.contains("windows       16 tokens"), shown);
        assertTrue(shown.contains("RoPE          linear, base 10000.0, factor 4.0"), shown);
        assertTrue(shown.contains("layers.0.self_attn.q_norm.weight"), shown);
    }

    @Test
    void listsTheForms() {
        assertEquals(0, hfx("model", "create", "--help"));
        for (SampleForm form : SampleForm.values()) {
            assertTrue(out.toString().contains(form.title()), form.title());
        }
        String to = dir.toString();
        assertEquals(2, hfx("model", "create", "--arch", "gpt", "--size", "tiny", "--out", to));
        assertTrue(err.toString().contains("'gpt' is none of llama, llama-mha,"), err.toString());
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
