package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.testing.HttpSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real thing: a sample checkpoint on ONNX Runtime behind HTTP. */
class CheckpointModelsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;

    private static StandaloneServer server;

    private static ConfigReader config() {
        return new ConfigReader()
                .option("hfx_model", folder)
                .option("hfx_model_id", "sample")
                .option("hfx_port", 0)
                .option("hfx_kv_slots", 4)
                .option("hfx_context_tokens", 256);
    }

    @BeforeAll
    static void start() throws Exception {
        SampleModel.create(SampleModel.Size.TINY, folder, 1);
        server = StandaloneServer.start(config().read(), CheckpointModels::start);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpSocket.Answer post(String path, String body) throws Exception {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.post(path, body);
            return socket.answer();
        }
    }

    private static JsonNode worker(StandaloneServer server) throws Exception {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.raw("GET /hfx/status HTTP/1.1\r\n\r\n");
            return JSON.readTree(socket.answer().body()).path("workers").path(0);
        }
    }

    @Test
    void sameSeedGivesTheSameTextStreamedOrNot() throws Exception {
        String body =
                "{\"model\":\"sample\",\"max_tokens\":12,\"seed\":5,\"ignore_eos\":true,"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"stream\":";
        JsonNode whole = JSON.readTree(post("/v1/chat/completions", body + "false}").body());
        String text = whole.path("choices").path(0).path("message").path("content").asText();
        assertEquals(12, whole.path("usage").path("completion_tokens").asInt(), whole.toString());
        StringBuilder streamed = new StringBuilder();
        for (String line : post("/v1/chat/completions", body + "true}").body().lines().toList()) {
            if (line.startsWith("data: {")) {
                JsonNode delta = JSON.readTree(line.substring(6)).at("/choices/0/delta/content");
                streamed.append(delta.asText());
            }
        }
        assertEquals(text, streamed.toString());
        assertTrue(!text.isBlank());
    }

    @Test
    void clientThatLeavesGivesItsKvBack() throws Exception {
        HttpSocket socket = new HttpSocket(server.port());
        socket.post(
                "/v1/completions",
                "{\"model\":\"sample\",\"prompt\":\"a\",\"stream\":true,\"n\":2,"
                        + "\"ignore_eos\":true,\"max_tokens\":250}");
        assertEquals(200, socket.head().status());
        socket.close();
        long startNanos = System.nanoTime();
        while (worker(server).path("running_sequences").asInt() > 0) {
            assertTrue(System.nanoTime() - startNanos < TimeUnit.SECONDS.toNanos(20));
            Thread.sleep(5);
        }
    }

    @Test
    void contextIsTheConfiguredOne() throws Exception {
        HttpSocket.Answer answer =
                post(
                        "/v1/completions",
                        "{\"model\":\"sample\",\"prompt\":[1,2],\"max_tokens\":255}");
        assertEquals(400, answer.status());
        assertTrue(answer.body().contains("context_length_exceeded"), answer.body());
    }

    @Test
    void anEmulatedBackendSaysSo() throws Exception {
        ConfigReader emulated = config().option("hfx_backend", "emulated").option("hfx_workers", 2);
        assertTrue(
                assertThrows(ConfigException.class, emulated::read)
                        .getMessage()
                        .startsWith("hfx_latency_profile must name a file"));
        Path profile = Path.of("..", "configs", "latency-profile.json");
        ServerConfig config =
                emulated.option("hfx_latency_profile", profile)
                        .option("hfx_policy_settings", "window_tokens=64,margin=0.8")
                        .read();
        try (StandaloneServer pretender = StandaloneServer.start(config, CheckpointModels::start);
                HttpSocket socket = new HttpSocket(pretender.port())) {
            socket.post(
                    "/v1/completions", "{\"model\":\"sample\",\"prompt\":[1,2],\"max_tokens\":5}");
            JsonNode answer = JSON.readTree(socket.answer().body());
            assertEquals(5, answer.at("/usage/completion_tokens").asInt(), answer.toString());
            assertEquals("emulated", worker(pretender).path("executor").asText());
        }
    }

    @Test
    void whatCannotBeServedIsSaidInOneLine() {
        ServerConfig policy = config().option("hfx_policy", "none").read();
        ConfigException e =
                assertThrows(ConfigException.class, () -> CheckpointModels.start(policy));
        assertTrue(e.getMessage().startsWith("hfx_policy: no policy none; known"), e.getMessage());
        ServerConfig simulated = config().option("hfx_policy", "llumnix").read();
        assertEquals(
                "hfx_policy: policy llumnix needs [MIGRATION]: it runs simulated only",
                assertThrows(ConfigException.class, () -> CheckpointModels.start(simulated))
                        .getMessage());
        ServerConfig settings = config().option("hfx_policy_settings", "chunks=3").read();
        assertTrue(
                assertThrows(ConfigException.class, () -> CheckpointModels.start(settings))
                        .getMessage()
                        .startsWith("hfx_policy_settings: policy hfx does not know [chunks]"));
        ServerConfig missing = config().option("hfx_model", folder.resolve("none")).read();
        assertTrue(
                assertThrows(ConfigException.class, () -> CheckpointModels.start(missing))
                        .getMessage()
                        .contains("config.json"));
    }
}
