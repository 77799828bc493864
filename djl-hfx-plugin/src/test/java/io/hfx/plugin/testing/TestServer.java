package io.hfx.plugin.testing;

import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.server.StandaloneServer;
import java.io.IOException;

/** A server on a free port with a fake model behind it. */
public final class TestServer implements AutoCloseable {
    public final FakeModelService model = new FakeModelService();
    public final StandaloneServer server;

    /** Starts with the given keys and values, in pairs. */
    public TestServer(String... settings) throws IOException, InterruptedException {
        ConfigReader reader =
                new ConfigReader()
                        .option("hfx_model", "fake")
                        .option("hfx_model_id", FakeModelService.MODEL)
                        .option("hfx_port", 0)
                        .option("hfx_http_threads", 1);
        for (int i = 0; i < settings.length; i += 2) {
            reader.option(settings[i], settings[i + 1]);
        }
        server = StandaloneServer.start(withClasses(reader.read()), config -> model);
        server.awaitLoaded();
    }

    private static ServerConfig withClasses(ServerConfig read) {
        SloClasses classes =
                SloClasses.parse(
                        """
                        {"default": "chat",
                         "classes": [
                           {"name": "chat", "ttft_ms": 60000, "tpot_ms": 60000},
                           {"name": "priority", "ttft_ms": 30000, "on_miss": "reject"}]}
                        """,
                        "test");
        return new ServerConfig(
                read.modelDir(),
                read.modelId(),
                read.host(),
                read.port(),
                read.policy(),
                read.policySettings(),
                read.backend(),
                read.workers(),
                read.kvSlots(),
                read.prefixCacheBytes(),
                read.contextTokens(),
                read.threads(),
                read.waiting(),
                read.waitingBestEffort(),
                classes,
                read.corsOrigins(),
                read.drainNanos(),
                read.access(),
                read.http(),
                read.requests(),
                read.stepLog(),
                read.weights());
    }

    public HttpSocket connect() throws IOException {
        return new HttpSocket(server.port());
    }

    /** One request on a connection of its own. */
    public HttpSocket.Answer post(String path, String body, String... headerLines)
            throws IOException {
        try (HttpSocket socket = connect()) {
            socket.post(path, body, headerLines);
            return socket.answer();
        }
    }

    public HttpSocket.Answer get(String path, String... headerLines) throws IOException {
        try (HttpSocket socket = connect()) {
            socket.send("GET " + path + " HTTP/1.1", headerLines, new byte[0]);
            return socket.answer();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
