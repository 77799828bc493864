package io.hfx.plugin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of DJL Serving's own configuration. */
class PluginConfigTest {
    @TempDir Path folder;

    private PluginConfig read(String text, Map<String, String> environment) throws IOException {
        Path file = Files.writeString(folder.resolve("config.properties"), text);
        return PluginConfig.read(file, environment, folder);
    }

    private String refused(String text, Map<String, String> environment) {
        return assertThrows(ConfigException.class, () -> read(text, environment)).getMessage();
    }

    @Test
    void theServersOwnKeysAreLeftToIt() throws Exception {
        PluginConfig config =
                read("job_queue_size=5\nhfx_enabled=true\n", Map.of("HFX_PORT", "80"));
        assertEquals(0.05, config.bestEffortShare());
        assertEquals(0.9, config.deadlineMargin());
        assertTrue(config.sloClasses().all().isEmpty());
        assertEquals("1024", config.text("hfx_max_requests"));
        assertEquals(config, PluginConfig.read(null, Map.of(), folder));
    }

    @Test
    void theEnvironmentWins() throws Exception {
        PluginConfig config =
                read(
                        "hfx_best_effort_share=0.2\nhfx_deadline_margin=0.8\n",
                        Map.of("SERVING_HFX_DEADLINE_MARGIN", "0.7"));
        assertEquals(0.2, config.bestEffortShare());
        assertEquals(0.7, config.deadlineMargin());
    }

    @Test
    void relativePathsStartAtTheServersHome() throws Exception {
        Files.writeString(
                folder.resolve("c.json"), "{\"classes\":[{\"name\":\"tight\",\"e2e_ms\":30}]}");
        assertTrue(
                read("hfx_slo_classes=c.json\n", Map.of()).sloClasses().find("tight").isPresent());
    }

    @Test
    void whatIsWrongIsNamedWithItsPlace() {
        Path file = folder.resolve("config.properties");
        assertEquals(
                file + ": unknown key hfx_slo_clases (value a); did you mean hfx_slo_classes?",
                refused("hfx_slo_clases=a", Map.of()));
        assertEquals(
                file
                        + ": hfx_port (value 80) has no effect here: it is a key of the standalone"
                        + " server, not of DJL Serving",
                refused("hfx_port=80", Map.of()));
        assertEquals(
                "environment variable SERVING_HFX_BEST_EFFORT_SHARE: hfx_best_effort_share must be"
                        + " a number from 0 to 0.5, was 2",
                refused("", Map.of("SERVING_HFX_BEST_EFFORT_SHARE", "2")));
        assertTrue(refused("hfx_slo_classes=none.json", Map.of()).contains("cannot be read"));
    }
}
