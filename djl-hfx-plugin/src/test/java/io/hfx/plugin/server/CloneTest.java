package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.d2d.device.Device;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.auth.AccessKey;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.testing.HttpSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that get their weights from a running one, and answer as it does. */
@Timeout(120)
class CloneTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BODY =
            "{\"model\":\"m\",\"prompt\":[5,6,7,8],\"max_tokens\":24,\"temperature\":0,"
                    + "\"ignore_eos\":true}";

    @TempDir static Path folder;

    private static StandaloneServer seed;

    /** All of the checkpoint but its weights. */
    private static Path bare;

    private static ConfigReader config(Path model) {
        return new ConfigReader()
                .option("hfx_model", model)
                .option("hfx_model_id", "m")
                .option("hfx_port", 0)
                .option("hfx_kv_slots", 4)
                .option("hfx_context_tokens", 128)
                .option("hfx_worker_key_file", folder.resolve("worker.key"));
    }

    private static StandaloneServer start(ConfigReader config) throws Exception {
        StandaloneServer server = StandaloneServer.start(config.read(), new CheckpointModels());
        if (!server.awaitLoaded()) {
            try (server) {
                throw new AssertionError(get(server, "/hfx/status"));
            }
        }
        return server;
    }

    @BeforeAll
    static void startTheSeed() throws Exception {
        Path model = folder.resolve("model");
        SampleModel.create(SampleModel.Size.TINY, model, 1);
        Path key = folder.resolve("worker.key");
        Files.createFile(
                key,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, AccessKey.newSecret());
        bare = Files.createDirectories(folder.resolve("bare"));
        try (var files = Files.list(model)) {
            for (Path file : files.toList()) {
                if (!file.toString().endsWith(".safetensors")) {
                    Files.copy(file, bare.resolve(file.getFileName()));
                }
            }
        }
        seed = start(config(model).option("hfx_seed_address", "0").option("hfx_workers", 2));
    }

    @AfterAll
    static void stop() {
        seed.close();
    }

    private static String get(StandaloneServer server, String path) throws IOException {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.raw("GET " + path + " HTTP/1.1\r\n\r\n");
            return socket.answer().body();
        }
    }

    private static JsonNode weights(StandaloneServer server) throws IOException {
        return JSON.readTree(get(server, "/hfx/weights")).at("/models/0");
    }

    private static String text(StandaloneServer server) throws IOException {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.post("/v1/completions", BODY);
            JsonNode answer = JSON.readTree(socket.answer().body());
            assertEquals(24, answer.at("/usage/completion_tokens").asInt(), answer.toString());
            return answer.at("/choices/0/text").asText();
        }
    }

    private static String address(StandaloneServer server) throws IOException {
        return weights(server).at("/seed/address").asText();
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach", "copy", "tcp"})
    void aJoinerWithoutWeightsAnswersAsTheSeed(String source) throws Exception {
        try (Device host = Device.host()) {
            assumeTrue(source.equals("tcp") || host.shares(), "no native library");
        }
        try (StandaloneServer joiner =
                start(
                        config(bare)
                                .option("hfx_clone_from", address(seed))
                                .option("hfx_weight_sources", source))) {
            assertEquals(text(seed), text(joiner));
            JsonNode found = weights(joiner);
            assertEquals(source, found.at("/held/source").asText(), found.toString());
            assertEquals(address(seed), found.at("/held/seed").asText());
            assertEquals(weights(seed).at("/held/model_hash"), found.at("/held/model_hash"));
            assertTrue(found.path("fall_backs").isEmpty(), found.toString());
            assertTrue(found.at("/start_ms/self_test").asDouble() > 0, found.toString());
            // a closed joiner of this process lets go when its views are collected
            int attached = weights(seed).at("/seed/attached").asInt();
            assertTrue(!source.equals("attach") || attached >= 1, "attached " + attached);
            String metrics = get(joiner, "/metrics");
            assertTrue(
                    metrics.contains(
                            "hfx_weights_bytes{model_name=\"m\",source=\"" + source + "\"}"),
                    metrics);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach", "tcp"})
    void aJoinerIsASeedItselfAndOutlivesItsOwn(String source) throws Exception {
        try (Device host = Device.host()) {
            assumeTrue(source.equals("tcp") || host.shares(), "no native library");
        }
        StandaloneServer second =
                start(
                        config(bare)
                                .option("hfx_clone_from", address(seed))
                                .option("hfx_weight_sources", source)
                                .option("hfx_seed_address", "127.0.0.1:0"));
        try (second;
                StandaloneServer third =
                        start(
                                config(bare)
                                        .option("hfx_clone_from", address(second))
                                        .option("hfx_weight_sources", source))) {
            String expected = text(second);
            assertEquals(expected, text(third));
            second.close();
            assertEquals(expected, text(third));
        }
    }

    /** The weights are read once, whatever the number of workers. */
    @Test
    void withoutASeedThereIsTheDiskAndNobodyMayAsk() throws Exception {
        assertEquals("disk", weights(seed).at("/held/source").asText());
        assertTrue(weights(seed).at("/start_ms").has("process"));
        assertFalse(weights(seed).has("transfer"));
        try (StandaloneServer alone = start(config(folder.resolve("model")))) {
            assertFalse(weights(alone).has("seed"), weights(alone).toString());
            assertEquals(text(seed), text(alone));
        }
    }
}
