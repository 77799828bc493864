package io.hfx.it.djl;

import io.hfx.engine.ort.OnnxGraph;
import io.hfx.engine.sample.SampleModel;
import io.hfx.plugin.djl.SampleModelPlugin;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real DJL Serving in a process of its own, on 127.0.0.1, with or without the plugin folder.
 * {@code DJL_SERVING_HOME} names its distribution.
 */
final class DjlServer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** Steps of a few milliseconds. */
    private static final String PROFILE =
            """
            {"chunkNanos": 50000, "promptTokenNanos": 500, "attentionPairNanos": 0,
             "decodeStepNanos": 4000000, "decodeNanos": 5000, "contextTokenNanos": 0}
            """;

    private final Process process;
    private final Path log;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private DjlServer(Process process, Path log, int port) {
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** What a server is started with. */
    static final class Setup {
        private final Path folder;
        private final List<String> models = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private boolean plugin = true;
        private boolean split;
        private Path sample;

        /**
         * @param folder empty, for this server alone
         */
        Setup(Path folder) {
            this.folder = folder;
        }

        Setup withoutPlugin() {
            plugin = false;
            return this;
        }

        /** Inference and management each on a port of its own. */
        Setup splitPorts() {
            split = true;
            return this;
        }

        /**
         * In the place of the plugin folder: the same classes on the class path, with a token-level
         * model {@link SampleModelPlugin#MODEL}, which the server knows as a model of another
         * engine.
         */
        Setup sampleModel() throws IOException {
            plugin = false;
            sample = folder.resolve("sample");
            SampleModel.create(SampleModel.Size.TINY, sample, 1);
            Files.writeString(sample.resolve("profile.json"), PROFILE);
            return fixedTime(SampleModelPlugin.MODEL, 1_000, "minWorkers=1\nmaxWorkers=1");
        }

        /** A line of {@code config.properties}. */
        Setup with(String key, Object value) {
            lines.add(key + "=" + value);
            return this;
        }

        /** An ONNX model that doubles its numbers. */
        Setup onnx(String name, String... properties) throws IOException {
            byte[] model =
                    new OnnxGraph(name)
                            .floats("x", "batch", "n")
                            .node("Add", List.of("x", "x"), "y")
                            .output("y", "batch", "n")
                            .toBytes();
            Path into = model(name, "OnnxRuntime", properties);
            Files.write(into.resolve(name + ".onnx"), model);
            return this;
        }

        /** A model of {@link FixedTimeEngine}. */
        Setup fixedTime(String name, long serviceMicros, String... properties) throws IOException {
            Path into = model(name, FixedTimeEngine.NAME, properties);
            Path file = into.resolve("serving.properties");
            Files.writeString(
                    file, Files.readString(file) + "option.serviceMicros=" + serviceMicros + "\n");
            return this;
        }

        /** A workflow of two models, which the server then does not load on their own. */
        Setup workflow(String name, String first, String second) throws IOException {
            Path into = Files.createDirectories(folder.resolve("models").resolve(name));
            Files.writeString(
                    into.resolve("workflow.json"),
                    """
                    {"name": "%1$s",
                     "models": {"%2$s": "{model_dir}/../%2$s", "%3$s": "{model_dir}/../%3$s"},
                     "workflow": {"out": ["%3$s", ["%2$s", "in"]]}}
                    """
                            .formatted(name, first, second));
            models.removeIf(m -> m.startsWith(first + "::") || m.startsWith(second + "::"));
            models.add(name + "=" + into.toUri());
            return this;
        }

        private Path model(String name, String engine, String... properties) throws IOException {
            Path into = Files.createDirectories(folder.resolve("models").resolve(name));
            Files.writeString(
                    into.resolve("serving.properties"),
                    "engine=" + engine + "\n" + String.join("\n", properties) + "\n");
            models.add(name + "::" + engine + ":*=" + into.toUri());
            return into;
        }

        DjlServer start() throws Exception {
            return DjlServer.start(this);
        }
    }

    private static DjlServer start(Setup setup) throws Exception {
        int port = freePort();
        Path home = Path.of(System.getenv("DJL_SERVING_HOME"));
        Path plugins = Files.createDirectories(setup.folder.resolve("plugins"));
        if (setup.plugin) {
            copy(Path.of("..", "djl-hfx-bootstrap", "target", "plugins", "hfx"), plugins);
        }
        List<String> config = new ArrayList<>(setup.lines);
        config.add("inference_address=http://127.0.0.1:" + port);
        int management = setup.split ? freePort() : port;
        config.add("management_address=http://127.0.0.1:" + management);
        config.add("model_store=" + Files.createDirectories(setup.folder.resolve("store")));
        config.add("plugin_folder=" + plugins);
        config.add("load_models=" + String.join(",", setup.models));
        Path file = setup.folder.resolve("config.properties");
        Files.write(file, config);
        Path log = setup.folder.resolve("server.log");
        ProcessBuilder builder =
                new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Dai.djl.offline=true",
                        "-Dhfx.test.model=" + setup.sample,
                        "-Dlog4j2.configurationFile="
                                + home.resolve("conf").resolve("log4j2-console.xml"),
                        "-cp",
                        home.resolve("lib")
                                + "/*:"
                                + Path.of("target", "test-classes")
                                + (setup.sample == null ? "" : samplePlugin(setup.folder)),
                        "ai.djl.serving.ModelServer",
                        "-f",
                        file.toString());
        builder.environment().put("MODEL_SERVER_HOME", setup.folder.toString());
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        DjlServer server = new DjlServer(process, log, port);
        server.awaitReady();
        return server;
    }

    /** The plugin's libraries, and the line that has the server find the test's plugin. */
    private static String samplePlugin(Path folder) throws IOException {
        Path definition = folder.resolve("definition").resolve("META-INF");
        Files.createDirectories(definition);
        Files.writeString(
                definition.resolve("plugin.definition"),
                "name=hfx-sample\nexport=" + SampleModelPlugin.class.getName() + "\n");
        Path lib = Path.of("..", "djl-hfx-bootstrap", "target", "plugins", "hfx", "lib");
        StringBuilder path = new StringBuilder(":" + definition.getParent());
        try (Stream<Path> jars = Files.list(lib)) {
            jars.sorted().forEach(jar -> path.append(":").append(jar));
        }
        return path.toString();
    }

    private static void copy(Path from, Path into) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, into.resolve(from.getParent().relativize(file).toString()));
            }
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() throws Exception {
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                if (get("/ping").statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // not yet listening
            }
            if (System.nanoTime() > endNanos || process.waitFor(100, TimeUnit.MILLISECONDS)) {
                close();
                throw new IllegalStateException("the server did not start:\n" + log());
            }
        }
    }

    int port() {
        return port;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path)).timeout(LIMIT).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> send(String method, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .timeout(LIMIT)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body, Map<String, String> headers)
            throws Exception {
        return postAsync(path, body, headers).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    CompletableFuture<HttpResponse<String>> postAsync(
            String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .timeout(LIMIT)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            process.destroyForcibly().onExit().join();
        }
    }
}
