package io.hfx.plugin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of a model's serving.properties. */
class ModelConfigTest {
    private static final SloClasses CLASSES =
            SloClasses.parse(
                    "{\"classes\":[{\"name\":\"tight\",\"e2e_ms\":30},"
                            + "{\"name\":\"loose\",\"e2e_ms\":3000}]}",
                    "test");
    private static final PluginConfig SERVER = new PluginConfig(CLASSES, 0.1, 0.8, Map.of());

    @TempDir Path folder;

    /**
     * @param injected what DJL Serving adds to the file's entries
     */
    private ModelConfig read(String engine, String text, String... injected) throws IOException {
        Files.writeString(folder.resolve("serving.properties"), text);
        Properties properties = new Properties();
        properties.load(new StringReader(text + "\n" + String.join("\n", injected)));
        return ModelConfig.read(SERVER, engine, folder, properties);
    }

    private String refused(String engine, String text, String... injected) {
        return assertThrows(ConfigException.class, () -> read(engine, text, injected))
                .getMessage()
                .replace(folder.resolve("serving.properties").toString(), "FILE");
    }

    @Test
    void aModelThatSaysNothingHasTheServersValues() throws Exception {
        ModelConfig config = read("OnnxRuntime", "engine=OnnxRuntime\noption.anything=1\n");
        assertEquals(ModelConfig.none(SERVER), config);
        assertEquals(OptionalInt.empty(), config.waiting());
        assertEquals(0.1, config.bestEffortShare());
        assertEquals(0.8, config.deadlineMargin());
    }

    @Test
    void aModelsOwnValuesWin() throws Exception {
        ModelConfig config =
                read(
                        "Python",
                        """
                        hfx.slo_class=loose
                        hfx.max_waiting=7
                        hfx.max_waiting_best_effort=3
                        hfx.best_effort_share=0.3
                        hfx.deadline_margin=0.5
                        """);
        assertEquals("loose", config.sloClasses().defaultClass().name());
        assertEquals(CLASSES.all(), config.sloClasses().all());
        assertEquals(OptionalInt.of(7), config.waiting());
        assertEquals(OptionalInt.of(3), config.waitingBestEffort());
        assertEquals(0.3, config.bestEffortShare());
        assertEquals(0.5, config.deadlineMargin());
        assertEquals(Map.of(), config.options());
    }

    @Test
    void whatIsWrongIsNamedWithItsPlace() {
        assertEquals(
                "FILE: unknown key hfx.slo_clas (value a); did you mean hfx.slo_class?",
                refused("Python", "hfx.slo_clas=a"));
        assertEquals(
                "FILE: unknown key hfx_slo_class (value a); did you mean hfx.slo_class?",
                refused("Python", "hfx_slo_class=a"));
        assertEquals(
                "FILE: hfx.slo_class must be one of tight, loose, best-effort, was a",
                refused("Python", "hfx.slo_class=a"));
        assertEquals(
                "FILE: hfx.max_waiting must be a whole number from 1 to 1000000, was 0",
                refused("Python", "hfx.max_waiting=0"));
        assertEquals(
                "FILE: hfx.deadline_margin (value 1) has no effect here: it is a key of models of"
                        + " other engines, not of models with engine=HFX",
                refused("HFX", "hfx.deadline_margin=1"));
    }

    @Test
    void optionsOfTheEngineAreCheckedAndThoseOfDjlLetThrough() throws Exception {
        ModelConfig config =
                read(
                        "HFX",
                        "engine=HFX\noption.kv_slots=4\n",
                        "option.rolling_batch=auto",
                        "option.max_rolling_batch_size=32",
                        "option.dtype=fp16");
        assertEquals("4", config.options().get("kv_slots"));
        assertEquals("4096", config.options().get("context_tokens"));
        assertEquals("onnxruntime", config.options().get("backend"));
        assertEquals("3", config.options().get("drain_seconds"));
        assertEquals("268435456", config.options().get("prefix_cache_bytes"));
        assertEquals("tcp", config.options().get("clone_transport"));
        assertEquals("2", config.options().get("clone_links"));
        assertEquals(15, config.options().size());
        assertEquals(
                "FILE: unknown key option.kv_slot (value 4); did you mean option.kv_slots?",
                refused("HFX", "option.kv_slot=4"));
        assertEquals(
                "environment variable OPTION_KV_SLOTS: option.kv_slots must be a whole number"
                        + " from 1 to 4096, was many",
                refused("HFX", "engine=HFX", "option.kv_slots=many"));
    }

    @Test
    void theBackendIsKnownAndHasItsProfile() {
        assertEquals(
                "FILE: option.backend must be onnxruntime or emulated, was gpu",
                refused("HFX", "option.backend=gpu"));
        assertEquals(
                "FILE: option.latency_profile must name a file where option.backend is emulated",
                refused("HFX", "option.backend=emulated"));
    }
}
