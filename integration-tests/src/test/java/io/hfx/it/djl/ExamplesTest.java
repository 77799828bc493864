package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hfx.engine.ort.OnnxGraph;
import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real DJL Serving loads the examples in configs/djl-serving. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class ExamplesTest {
    private static final Path CONFIGS = Path.of("..", "configs");
    private static final Path EXAMPLES = CONFIGS.resolve("djl-serving");
    private static final String ANSWER = "{\"predictions\":[[2.0,4.0]]}";

    @TempDir Path folder;

    private DjlSetup setup() throws IOException {
        Path conf = Files.createDirectories(folder.resolve("conf"));
        Files.copy(CONFIGS.resolve("slo-classes.json"), conf.resolve("slo-classes.json"));
        return new DjlSetup(folder);
    }

    /** A copy of an example, and ONNX models that double their numbers where it asks for such. */
    private Path example(String name) throws IOException {
        Path into = folder.resolve(name);
        try (Stream<Path> files = Files.walk(EXAMPLES.resolve(name))) {
            for (Path file : files.toList()) {
                Path copy = into.resolve(EXAMPLES.resolve(name).relativize(file).toString());
                Files.copy(file, copy);
                if (file.endsWith("serving.properties")
                        && Files.readString(file).contains("engine=OnnxRuntime")) {
                    Files.write(copy.resolveSibling("model.onnx"), doubling());
                }
            }
        }
        return into;
    }

    private static byte[] doubling() {
        return new OnnxGraph("double")
                .floats("x", "batch", "n")
                .node("Add", List.of("x", "x"), "y")
                .output("y", "batch", "n")
                .toBytes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"minimal", "slo-classes", "split-ports", "config"})
    void serverExamplesStart(String name) throws Exception {
        DjlSetup setup =
                setup().config(EXAMPLES.resolve(name + ".properties"))
                        .onnx("double", "minWorkers=1\nmaxWorkers=1");
        if (name.equals("split-ports")) {
            String management = "http://127.0.0.1:" + DjlServer.freePort();
            setup.environment("SERVING_MANAGEMENT_ADDRESS", management);
        }
        try (DjlServer server = setup.start()) {
            HttpResponse<String> answer = server.post("/predictions/double", "[[1,2]]", Map.of());
            assertEquals(ANSWER, answer.body());
            assertTrue(server.log().contains("model double is scheduled"), server.log());
            int known = name.equals("slo-classes") || name.equals("split-ports") ? 200 : 400;
            answer = server.post("/predictions/double", "[[1,2]]", Map.of("x-slo-class", "chat"));
            assertEquals(known, answer.statusCode(), answer.body());
        }
    }

    @Test
    void theModelOfAnotherEngineAnswers() throws Exception {
        Path model = example("opaque-model");
        try (DjlServer server = setup().load("opaque=" + model.toUri()).start()) {
            HttpResponse<String> answer = server.post("/predictions/opaque", "[1,2]", Map.of());
            assertEquals("{\"predictions\":[2.0,4.0]}", answer.body());
        }
    }

    @Test
    void theWorkflowAnswers() throws Exception {
        assumeTrue(hasPython(), "no python3 on this machine");
        Path workflow = example("workflow");
        try (DjlServer server = setup().load("clean=" + workflow.toUri()).start()) {
            HttpResponse<String> answer =
                    server.post("/predictions/clean", "  hello ", Map.of("x-slo-e2e-ms", "60000"));
            assertEquals("HELLO", answer.body(), server.log());
            assertTrue(server.log().contains("model first is scheduled"), server.log());
            assertTrue(server.log().contains("model second is scheduled"), server.log());
        }
    }

    @Test
    void thePythonModelAnswers() throws Exception {
        assumeTrue(hasPython(), "no python3 on this machine");
        Path model = example("python-model");
        try (DjlServer server = setup().load("shout=" + model.toUri()).start()) {
            HttpResponse<String> answer = server.post("/predictions/shout", "hello", Map.of());
            assertEquals("HELLO", answer.body(), server.log());
        }
    }

    private static boolean hasPython() throws InterruptedException {
        try {
            return new ProcessBuilder("python3", "--version").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
