package io.hfx.benchmarks.seed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.benchmarks.Child;
import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.server.CheckpointModels;
import io.hfx.plugin.server.StandaloneServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A real server on one core that gives its weights away; a process of its own. */
final class SeedServer implements AutoCloseable {
    static final String MODEL_ID = "seed";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PACKED_WITHIN_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final long LOOK_MILLIS = 100;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Process process;
    private final URI base;
    private final InetSocketAddress seed;

    /** The process: serves what its environment says until its input ends. */
    static final class Main {
        private Main() {}

        public static void main(String[] arguments) throws Exception {
            ConfigReader reader = new ConfigReader();
            try (StandaloneServer server =
                    StandaloneServer.start(
                            reader.environment(System.getenv()).read(), new CheckpointModels())) {
                if (!server.awaitLoaded()) {
                    throw new IllegalStateException("the model could not be loaded");
                }
                System.out.println(server.url());
                while (System.in.read() >= 0) {
                    // until the end
                }
            }
        }
    }

    /**
     * Starts it and waits until its fast form is built.
     *
     * @param core to run on; -1 for all
     * @param log its error output
     * @param settings of the server, as environment
     */
    SeedServer(int core, Path model, Path key, Path log, Map<String, String> settings)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        if (core >= 0) {
            command.addAll(List.of("taskset", "-c", Integer.toString(core)));
        }
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dai.djl.offline=true",
                        "-XX:MaxDirectMemorySize=4g",
                        Main.class.getName()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        // The class path in the environment: a server whose command line is long was seen to crash.
        builder.environment()
                .putAll(
                        Map.of(
                                "CLASSPATH",
                                System.getProperty("java.class.path"),
                                "HFX_MODEL",
                                model.toString(),
                                "HFX_MODEL_ID",
                                MODEL_ID,
                                "HFX_PORT",
                                "0",
                                "HFX_THREADS",
                                "1",
                                "HFX_SEED_ADDRESS",
                                "0",
                                "HFX_WORKER_KEY_FILE",
                                key.toString()));
        builder.environment().putAll(settings);
        process = builder.start();
        boolean done = false;
        try {
            base = URI.create(url(process.inputReader(StandardCharsets.UTF_8)));
            String[] address = weights().at("/seed/address").asText().split(":", 2);
            seed = new InetSocketAddress(address[0], Integer.parseInt(address[1]));
            awaitPacked();
            done = true;
        } finally {
            if (!done) {
                process.destroyForcibly();
            }
        }
    }

    private static String url(BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && !line.startsWith("http")) {
            line = lines.readLine();
        }
        if (line == null) {
            throw new IOException("the server has ended while it started");
        }
        return line;
    }

    private void awaitPacked() throws IOException, InterruptedException {
        long untilNanos = System.nanoTime() + PACKED_WITHIN_NANOS;
        while (!weights().at("/held/packed").asBoolean()) {
            if (System.nanoTime() > untilNanos) {
                throw new IOException("the server does not get ready");
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    URI base() {
        return base;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    /** Where joiners find it. */
    InetSocketAddress seed() {
        return seed;
    }

    /** The model's entry of {@code GET /hfx/weights}. */
    JsonNode weights() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(base.resolve("/hfx/weights")).build();
        String page = client.send(request, HttpResponse.BodyHandlers.ofString()).body();
        return JSON.readTree(page).at("/models/0");
    }

    @Override
    public void close() throws IOException {
        Child.end(process);
    }
}
