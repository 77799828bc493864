package io.hfx.plugin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    @TempDir Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("hfx.properties"), text);
    }

    private static String message(org.junit.jupiter.api.function.Executable code) {
        return assertThrows(ConfigException.class, code).getMessage();
    }

    @Test
    void laterSourcesWin() throws Exception {
        Path file =
                file("hfx_model=/m/tiny\nhfx_port=1\nhfx_workers=2\nhfx_kv_slots=3\njob_queue=9\n");
        ServerConfig config =
                new ConfigReader()
                        .file(file)
                        .environment(
                                Map.of(
                                        "HFX_PORT", "4",
                                        "HFX_WORKERS", "5",
                                        "SERVING_HFX_WORKERS", "6",
                                        "HFX_DATA", "elsewhere"))
                        .option("hfx_port", 7)
                        .option("hfx_policy", null)
                        .read();
        assertEquals(7, config.port());
        assertEquals(6, config.workers());
        assertEquals(3, config.kvSlots());
        assertEquals("hfx", config.policy());
        assertEquals("tiny", config.modelId());
        assertEquals(30_000_000_000L, config.drainNanos());
    }

    @Test
    void serviceLinkOfAContainerPlatformIsNotAPort() {
        ServerConfig config =
                new ConfigReader()
                        .environment(Map.of("HFX_PORT", "tcp://10.0.0.1:80", "HFX_MODEL", "m"))
                        .read();
        assertEquals(8080, config.port());
    }

    @Test
    void unknownKeyNamesFileKeyValueAndTheNearest() throws Exception {
        Path file = file("hfx_max_promt_tokens=10\n");
        assertEquals(
                file
                        + ": unknown key hfx_max_promt_tokens (value 10); did you mean"
                        + " hfx_max_prompt_tokens?",
                message(() -> new ConfigReader().file(file)));
        assertEquals(
                "environment variable SERVING_HFX_PROT: unknown key hfx_prot (value 1); did you"
                        + " mean hfx_port?",
                message(() -> new ConfigReader().environment(Map.of("SERVING_HFX_PROT", "1"))));
    }

    @Test
    void valueOutOfRangeNamesWhatIsAllowed() throws Exception {
        Path file = file("hfx_port=70000\n");
        assertEquals(
                file + ": hfx_port must be a whole number from 0 to 65535, was 70000",
                message(() -> new ConfigReader().file(file)));
        for (String wrong : List.of("", "x", "1.5", "99999999999999999999")) {
            message(() -> new ConfigReader().option("hfx_workers", wrong));
        }
        message(() -> new ConfigReader().option("hfx_drain_seconds", "NaN"));
        message(() -> new ConfigReader().option("hfx_model_id", "a b"));
        assertTrue(message(() -> new ConfigReader().read()).contains("hfx_model"));
        assertTrue(
                message(() -> new ConfigReader().file(folder.resolve("none")))
                        .contains("cannot be read"));
    }

    @Test
    void everyDefaultIsAllowed() {
        for (ConfigKey key :
                Stream.concat(ConfigKeys.ALL.stream(), ModelKeys.ALL.stream()).toList()) {
            assertTrue(key.byDefault().isEmpty() || key.accepts(key.byDefault()), key.name());
        }
    }

    @Test
    void distanceCountsEdits() {
        assertEquals(0, KeySet.distance("abc", "abc"));
        assertEquals(3, KeySet.distance("kitten", "sitting"));
        assertEquals(4, KeySet.distance("", "port"));
    }

    @Test
    void samplesLoadAndShowTheDefaults() throws Exception {
        Path sample = ROOT.resolve("configs/hfx.properties");
        new ConfigReader().file(sample);
        SloClasses classes = SloClasses.read(ROOT.resolve("configs/slo-classes.json"));
        assertTrue(classes.all().size() >= 3);
        showsDefaults(sample, ConfigKeys.STANDALONE.all());
    }

    private static void showsDefaults(Path sample, List<ConfigKey> keys) throws IOException {
        List<String> lines = Files.readAllLines(sample);
        for (ConfigKey key : keys) {
            String line = "#" + key.name() + "=" + key.byDefault();
            assertTrue(lines.contains(line), sample + " lacks: " + line);
        }
    }

    @Test
    void documentationListsTheSchema() throws Exception {
        List<String> lines = Files.readAllLines(ROOT.resolve("docs/configuration.md"));
        List<ConfigKey> all =
                Stream.concat(ConfigKeys.ALL.stream(), ModelKeys.ALL.stream()).toList();
        for (ConfigKey key : all) {
            String row = DocumentedKeys.row(key);
            assertTrue(lines.contains(row), "docs/configuration.md lacks: " + row);
        }
        long rows = lines.stream().filter(line -> line.matches("\\| `(hfx|option)[_.].*")).count();
        assertEquals(all.size(), rows, "keys in docs/configuration.md");
    }
}
