package io.hfx.it.djl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.d2d.device.Device;
import io.hfx.harness.DjlServer;
import io.hfx.harness.DjlSetup;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weights of token-level models in real DJL Servings: read once, and given from one to another. */
@EnabledIfEnvironmentVariable(
        named = "DJL_SERVING_HOME",
        matches = ".+",
        disabledReason = "DJL_SERVING_HOME names no unpacked DJL Serving")
class WeightsInDjlTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BODY =
            "{\"prompt\":\"a b c\",\"max_tokens\":12,\"temperature\":0,\"ignore_eos\":true}";

    @TempDir Path folder;

    private Path key;

    @BeforeEach
    void makeTheKey() throws Exception {
        key = folder.resolve("worker.key");
        Files.createFile(
                key,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(key, "a secret of at least thirty-two bytes");
    }

    private DjlSetup setup(String name, String... options) throws Exception {
        String[] keys = new String[options.length + 4];
        keys[0] = "minWorkers=1";
        keys[1] = "maxWorkers=3";
        keys[2] = "option.kv_slots=2";
        keys[3] = "option.worker_key_file=" + key;
        System.arraycopy(options, 0, keys, 4, options.length);
        return new DjlSetup(folder.resolve(name)).hfx("chat", keys);
    }

    private static void deleteTheWeights(DjlSetup setup) throws Exception {
        Files.delete(setup.folder("chat").resolve("model.safetensors"));
    }

    private static String text(DjlServer server) throws Exception {
        HttpResponse<String> answer = server.post("/predictions/chat", BODY, Map.of());
        assertEquals(200, answer.statusCode(), answer.body() + server.log());
        return JSON.readTree(answer.body()).at("/choices/0/text").asText();
    }

    private static JsonNode weights(DjlServer server) throws Exception {
        HttpResponse<String> page = server.get("/hfx/weights");
        assertEquals(200, page.statusCode(), page.body());
        return JSON.readTree(page.body()).at("/models/0");
    }

    @Test
    void moreWorkersReadNoFile() throws Exception {
        DjlSetup setup = setup("one");
        try (DjlServer server = setup.start()) {
            String text = text(server);
            deleteTheWeights(setup);
            HttpResponse<String> scaled =
                    server.send("PUT", "/models/chat?synchronous=true&min_worker=3&max_worker=3");
            assertEquals(200, scaled.statusCode(), scaled.body() + server.log());
            JsonNode model =
                    JSON.readTree(server.get("/models/chat").body()).at("/0/models/0/hfx/workers");
            assertEquals(3, model.size(), model.toString());
            for (int i = 0; i < 6; i++) {
                assertEquals(text, text(server));
            }
            assertEquals("disk", weights(server).at("/held/source").asText());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"attach", "tcp"})
    void aServerWithoutWeightsTakesThoseOfAnother(String source) throws Exception {
        try (Device host = Device.host()) {
            assumeTrue(source.equals("tcp") || host.shares(), "no native library");
        }
        try (DjlServer seed = setup("seed", "option.seed_address=0").start()) {
            String address = weights(seed).at("/seed/address").asText();
            DjlSetup bare =
                    setup(
                            "joiner",
                            "option.clone_from=" + address,
                            "option.weight_sources=" + source);
            deleteTheWeights(bare);
            try (DjlServer joiner = bare.start()) {
                assertEquals(text(seed), text(joiner));
                JsonNode found = weights(joiner);
                assertEquals(source, found.at("/held/source").asText(), found + joiner.log());
                String metrics = joiner.get("/metrics").body();
                assertTrue(
                        metrics.contains(
                                "hfx_weights_bytes{model_name=\"chat\",source=\"" + source + "\"}"),
                        metrics);
            }
        }
    }
}
