package io.hfx.plugin.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.testing.FakeModelService;
import io.hfx.plugin.testing.HttpSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients and operators are told while a model loads, and when it cannot be loaded. */
@Timeout(60)
class LoadingTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BODY = "{\"model\":\"m\",\"prompt\":\"a\",\"max_tokens\":2}";

    private static ServerConfig config(Path folder) {
        return new ConfigReader()
                .option("hfx_model", folder)
                .option("hfx_model_id", "m")
                .option("hfx_port", 0)
                .option("hfx_kv_slots", 2)
                .option("hfx_context_tokens", 64)
                .read();
    }

    private static HttpSocket.Answer get(StandaloneServer server, String path) throws Exception {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.raw("GET " + path + " HTTP/1.1\r\n\r\n");
            return socket.answer();
        }
    }

    private static HttpSocket.Answer complete(StandaloneServer server) throws Exception {
        try (HttpSocket socket = new HttpSocket(server.port())) {
            socket.post("/v1/completions", BODY);
            return socket.answer();
        }
    }

    /** Everywhere the same reason; alive, but not ready. Returns what clients read. */
    private static String assertUnavailable(StandaloneServer server, String reason)
            throws Exception {
        assertEquals(200, get(server, "/live").status());
        assertEquals(200, get(server, "/health").status());
        for (HttpSocket.Answer answer :
                new HttpSocket.Answer[] {
                    get(server, "/ready"), complete(server), get(server, "/v1/models/m")
                }) {
            assertEquals(503, answer.status());
            assertEquals(reason, answer.headers().get("x-hfx-reason"));
            assertTrue(Integer.parseInt(answer.headers().get("retry-after")) > 0);
        }
        JsonNode models = JSON.readTree(get(server, "/v1/models").body());
        assertEquals(0, models.path("data").size());
        JsonNode status = JSON.readTree(get(server, "/hfx/status").body());
        assertEquals(reason, status.path("state").asText());
        String counted =
                "hfx_refused_requests_total{model_name=\"m\",reason=\""
                        + reason
                        + "\",slo_class=\"unknown\"} 1";
        assertTrue(get(server, "/metrics").body().contains(counted));
        String message = JSON.readTree(complete(server).body()).at("/error/message").asText();
        assertEquals(message, status.path("message").asText());
        return message;
    }

    @Test
    void itListensWhileTheModelLoads() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        ModelServiceFactory slow =
                config -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return new FakeModelService();
                };
        try (StandaloneServer server = StandaloneServer.start(config(Path.of("m")), slow)) {
            assertEquals("The model m is being loaded", assertUnavailable(server, "model-loading"));
            go.countDown();
            assertTrue(server.awaitLoaded());
            assertEquals(200, get(server, "/ready").status());
            JsonNode status = JSON.readTree(get(server, "/hfx/status").body());
            assertEquals("serving", status.path("state").asText());
        }
    }

    @Test
    void aBrokenCheckpointIsSaidAndTheServerStays(@TempDir Path folder) throws Exception {
        Path model = folder.resolve("checkpoint");
        SampleModel.create(SampleModel.Size.TINY, model, 1);
        try (FileChannel file =
                FileChannel.open(model.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }
        try (StandaloneServer server =
                StandaloneServer.start(config(model), new CheckpointModels())) {
            assertFalse(server.awaitLoaded());
            String message = assertUnavailable(server, "model-failed");
            assertTrue(
                    message.startsWith("The model m could not be loaded: model.safetensors"),
                    message);
            assertFalse(message.contains(folder.toString()), message);
        }
    }

    @Test
    void whatRanOutIsSaidAndTheInsideIsNot() throws Exception {
        ModelServiceFactory large =
                config -> {
                    throw new OutOfMemoryError("Cannot reserve 9 bytes of direct buffer memory");
                };
        ModelServiceFactory broken =
                config -> {
                    throw new IllegalStateException("secret");
                };
        try (StandaloneServer server = StandaloneServer.start(config(Path.of("m")), large)) {
            server.awaitLoaded();
            assertEquals(
                    "The model m could not be loaded: memory ran out while it was loaded",
                    assertUnavailable(server, "model-failed"));
        }
        try (StandaloneServer server = StandaloneServer.start(config(Path.of("m")), broken)) {
            server.awaitLoaded();
            assertEquals(
                    "The model m could not be loaded: an internal error, see the server's log",
                    assertUnavailable(server, "model-failed"));
        }
    }

    @Test
    void aWrongConfigurationStopsTheStart() {
        ServerConfig config = config(Path.of("no", "such", "folder"));
        ConfigException e =
                assertThrows(
                        ConfigException.class,
                        () -> StandaloneServer.start(config, new CheckpointModels()));
        assertTrue(e.getMessage().startsWith("hfx_model: "), e.getMessage());
    }

    /** A server that is closed while its model loads closes the model when it has come. */
    @Test
    void aModelThatComesTooLateIsClosed() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger closes = new AtomicInteger();
        CountDownLatch closed = new CountDownLatch(1);
        ModelServiceFactory deaf =
                config -> {
                    loading.countDown();
                    boolean went = false;
                    while (!went) {
                        try {
                            go.await();
                            went = true;
                        } catch (InterruptedException e) {
                            go.countDown();
                        }
                    }
                    return new ClosingService(
                            new FakeModelService() {
                                @Override
                                public void close() {
                                    super.close();
                                    closes.incrementAndGet();
                                    closed.countDown();
                                }
                            },
                            new ClosingService.Resources());
                };
        StandaloneServer server = StandaloneServer.start(config(Path.of("m")), deaf);
        loading.await();
        assertTrue(server.drain());
        server.close();
        closed.await();
        assertEquals(1, closes.get());
    }
}
