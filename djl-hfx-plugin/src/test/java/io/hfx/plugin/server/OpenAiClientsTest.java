package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.service.Refusal;
import io.hfx.plugin.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * OpenAI's own clients against real servers. HFX_PYTHON names a Python that has {@code openai},
 * HFX_NODE_MODULES a {@code node_modules} folder that has it; without them the tests are skipped.
 */
class OpenAiClientsTest {
    private static final long BOUND_SECONDS = 240;

    /** Takes tools and every role, which the sample's own does not. */
    private static final String TEMPLATE =
            """
            {%- if tools %}<|im_start|>tools
            {% for tool in tools %}{{ tool.function.name }}
            {% endfor %}<|im_end|>
            {% endif %}
            {%- for message in messages %}<|im_start|>{{ message.role }}
            {% if message.content %}{{ message.content }}{% endif %}<|im_end|>
            {% endfor %}
            {%- if add_generation_prompt %}<|im_start|>assistant
            {% endif %}
            """;

    private static final String PYTHON = System.getenv("HFX_PYTHON");
    private static final String NODE_MODULES = System.getenv("HFX_NODE_MODULES");
    private static final String PYTHON_MISSING = "HFX_PYTHON names no Python with openai";
    private static final String NODE_MISSING =
            "HFX_NODE_MODULES names no folder with openai, or there is no node";

    @TempDir static Path folder;

    private static StandaloneServer real;
    private static TestServer busy;
    private static TestServer recovering;
    private static TestServer stopping;
    private static TestServer broken;
    private static TestServer cut;

    @BeforeAll
    static void start() throws Exception {
        if (PYTHON == null && NODE_MODULES == null) {
            return;
        }
        Path model = Files.createDirectory(folder.resolve("model"));
        SampleModel.create(SampleModel.Size.TINY, model, 1);
        Files.writeString(model.resolve("chat_template.jinja"), TEMPLATE);
        real =
                StandaloneServer.start(
                        new ConfigReader()
                                .option("hfx_model", model)
                                .option("hfx_model_id", "sample")
                                .option("hfx_port", 0)
                                .option("hfx_kv_slots", 8)
                                .option("hfx_context_tokens", 512)
                                .option(
                                        "hfx_slo_classes",
                                        Path.of("..", "configs", "slo-classes.json"))
                                .read(),
                        new CheckpointModels());
        real.awaitLoaded();
        busy = new TestServer();
        busy.model.refusal = new Refusal(429, "queue-full", "The queue is full", 1);
        recovering = new TestServer();
        stopping = new TestServer();
        stopping.model.refusal = new Refusal(503, "deadline-passed", "Too late", 1);
        broken = new TestServer();
        broken.model.failAfterTokens = 0;
        cut = new TestServer();
        cut.model.failAfterTokens = 2;
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable each :
                new AutoCloseable[] {real, busy, recovering, stopping, broken, cut}) {
            if (each instanceof TestServer fake) {
                fake.close();
            } else if (each != null) {
                real.close();
            }
        }
    }

    private static String urls() throws Exception {
        return new ObjectMapper()
                .writeValueAsString(
                        Map.of(
                                "real", real.url(),
                                "busy", busy.server.url(),
                                "recovering", recovering.server.url(),
                                "stopping", stopping.server.url(),
                                "broken", broken.server.url(),
                                "cut", cut.server.url()));
    }

    private static void runs(List<String> command) throws Exception {
        recovering.model.submitted.clear();
        recovering.model.refusal = new Refusal(429, "queue-full", "The queue is full", 1);
        Path output = Files.createTempFile(folder, "client", ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            recoverAfterOneRefusal(process);
            assertTrue(process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS), Files.readString(output));
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        System.out.println(text);
        assertEquals(0, process.exitValue(), text);
        assertTrue(text.contains("checks passed"), text);
    }

    /** Waits for the client's first attempt, which is refused, and lets the next one in. */
    private static void recoverAfterOneRefusal(Process process) throws Exception {
        long startNanos = System.nanoTime();
        while (process.isAlive()
                && System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(BOUND_SECONDS)) {
            if (recovering.model.submitted.poll(100, TimeUnit.MILLISECONDS) != null) {
                recovering.model.refusal = null;
                return;
            }
        }
    }

    /** Whether a command can be run and succeeds. */
    private static boolean works(String... command) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void python() throws Exception {
        assumeTrue(PYTHON != null && works(PYTHON, "-c", "import openai"), PYTHON_MISSING);
        runs(List.of(PYTHON, "src/test/python/openai_surface.py", urls()));
    }

    @Test
    void javaScript() throws Exception {
        assumeTrue(
                NODE_MODULES != null
                        && Files.isDirectory(Path.of(NODE_MODULES, "openai"))
                        && works("node", "--version"),
                NODE_MISSING);
        runs(List.of("node", "src/test/js/openai_surface.mjs", urls(), NODE_MODULES));
    }
}
