package io.hfx.plugin.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples in configs/djl-serving are allowed and show every key. */
class ExampleConfigsTest {
    private static final Path CONFIGS = Path.of("..", "configs");
    private static final Path EXAMPLES = CONFIGS.resolve("djl-serving");

    @TempDir Path home;

    private static List<Path> named(String pattern) throws IOException {
        try (Stream<Path> files = Files.walk(EXAMPLES)) {
            List<Path> found =
                    files.filter(Files::isRegularFile)
                            .filter(f -> EXAMPLES.relativize(f).toString().matches(pattern))
                            .toList();
            assertTrue(!found.isEmpty(), "no " + pattern + " in " + EXAMPLES);
            return found;
        }
    }

    private PluginConfig server(Path file) throws IOException {
        Path conf = Files.createDirectories(home.resolve("conf")).resolve("slo-classes.json");
        Files.write(conf, Files.readAllBytes(CONFIGS.resolve("slo-classes.json")));
        return PluginConfig.read(file, Map.of(), home);
    }

    @Test
    void serverExamplesAreAllowed() throws Exception {
        for (Path file : named("[^/]+\\.properties")) {
            assertNotNull(server(file), file.toString());
        }
        PluginConfig classes = server(EXAMPLES.resolve("slo-classes.properties"));
        assertTrue(classes.sloClasses().all().size() >= 3);
        assertEquals(0.1, classes.bestEffortShare());
    }

    @Test
    void modelExamplesAreAllowed() throws Exception {
        PluginConfig server = server(EXAMPLES.resolve("slo-classes.properties"));
        for (Path file : named(".*/serving\\.properties")) {
            Properties properties = new Properties();
            try (Reader in = Files.newBufferedReader(file)) {
                properties.load(in);
            }
            String engine = properties.getProperty("engine");
            assertNotNull(
                    ModelConfig.read(server, engine, file.getParent(), properties),
                    file.toString());
        }
    }

    @Test
    void everyKeyIsShownWithItsDefault() throws Exception {
        shows("config.properties", ConfigKeys.IN_DJL_SERVING.all());
        shows("opaque-model/serving.properties", ModelKeys.of("OnnxRuntime").all());
        shows("hfx-model/serving.properties", ModelKeys.of(ModelKeys.ENGINE).all());
    }

    private static void shows(String example, List<ConfigKey> keys) throws IOException {
        List<String> lines = Files.readAllLines(EXAMPLES.resolve(example));
        for (ConfigKey key : keys) {
            String line = "#" + key.name() + "=" + key.byDefault();
            assertTrue(lines.contains(line), example + " lacks: " + line);
        }
    }

    @Test
    void everyStageOfTheWorkflowHasItsModel() throws Exception {
        Path folder = EXAMPLES.resolve("workflow");
        JsonNode workflow = new ObjectMapper().readTree(folder.resolve("workflow.json").toFile());
        for (JsonNode url : workflow.get("models")) {
            String path = url.asText().replace("{model_dir}", folder.toString());
            assertTrue(Files.isRegularFile(Path.of(path, "serving.properties")), path);
        }
    }
}
