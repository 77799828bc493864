package io.hfx.plugin.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.server.CheckpointModels;
import io.hfx.plugin.server.StandaloneServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The whole server with a real tokenizer, template, dispatcher and workers; only the executor is
 * emulated, with steps of a fraction of a millisecond.
 */
public final class EmulatedServer implements AutoCloseable {
    public static final String MODEL = "sample";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROFILE =
            """
            {"chunkNanos": 50000, "promptTokenNanos": 500, "attentionPairNanos": 0,
             "decodeStepNanos": 100000, "decodeNanos": 5000, "contextTokenNanos": 0}
            """;
    private static final String CLASSES =
            """
            {"default": "chat",
             "classes": [{"name": "chat", "ttft_ms": 60000, "tpot_ms": 10000},
                         {"name": "batch", "e2e_ms": 600000}]}
            """;

    public final StandaloneServer server;

    /** Starts with the given keys and values, in pairs. */
    public EmulatedServer(Path folder, String... settings)
            throws IOException, InterruptedException {
        Path model = folder.resolve("model");
        if (!Files.exists(model)) {
            SampleModel.create(SampleModel.Size.TINY, model, 1);
        }
        ConfigReader reader =
                new ConfigReader()
                        .option("hfx_model", model)
                        .option("hfx_model_id", MODEL)
                        .option("hfx_port", 0)
                        .option("hfx_backend", "emulated")
                        .option("hfx_workers", 2)
                        .option("hfx_kv_slots", 4)
                        .option("hfx_context_tokens", 512)
                        .option(
                                "hfx_latency_profile",
                                Files.writeString(folder.resolve("profile.json"), PROFILE))
                        .option(
                                "hfx_slo_classes",
                                Files.writeString(folder.resolve("classes.json"), CLASSES));
        for (int i = 0; i < settings.length; i += 2) {
            reader.option(settings[i], settings[i + 1]);
        }
        server = StandaloneServer.start(reader.read(), new CheckpointModels());
        server.awaitLoaded();
    }

    public HttpSocket connect() throws IOException {
        return new HttpSocket(server.port());
    }

    public HttpSocket.Answer get(String path) throws IOException {
        try (HttpSocket socket = connect()) {
            socket.send("GET " + path + " HTTP/1.1", new String[0], new byte[0]);
            return socket.answer();
        }
    }

    /** The sum of a metric's lines that hold all the given texts. */
    public double metric(String name, String... holding) throws IOException {
        Matcher line =
                Pattern.compile("(?m)^" + name + "\\{(.*)\\} (\\S+)$")
                        .matcher(get("/metrics").body());
        double sum = 0;
        while (line.find()) {
            String labels = line.group(1);
            if (Arrays.stream(holding).allMatch(labels::contains)) {
                sum += Double.parseDouble(line.group(2));
            }
        }
        return sum;
    }

    /** Waits until nothing of any request is left, and fails with the status where that is not. */
    public void awaitIdle() throws IOException {
        long startNanos = System.nanoTime();
        JsonNode status = JSON.readTree(get("/hfx/status").body());
        while (!isIdle(status)) {
            if (System.nanoTime() - startNanos > TimeUnit.SECONDS.toNanos(30)) {
                throw new AssertionError("not idle after 30 s: " + status);
            }
            status = JSON.readTree(get("/hfx/status").body());
        }
    }

    private static boolean isIdle(JsonNode status) {
        boolean idle = true;
        for (String count : new String[] {"in_flight", "waiting", "running"}) {
            idle &= status.path("requests_" + count).asInt(-1) == 0;
        }
        for (JsonNode worker : status.path("workers")) {
            idle &= worker.path("running_sequences").asInt(-1) == 0;
            idle &= worker.path("context_tokens").asInt(-1) == 0;
        }
        return idle && !status.path("workers").isEmpty();
    }

    @Override
    public void close() {
        server.close();
    }
}
