package io.hfx.it.djl;

import io.hfx.engine.ort.OnnxGraph;
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

        /** A line of {@code config.properties}. */
        Setup with(String key, Object value) {
            lines.add(key + "=" + value);
            return this;
        }

        /** Requests that cannot meet an objective are refused, not demoted. */
        Setup refusing() throws IOException {
            Path classes = folder.resolve("classes.json");
            Files.writeString(
                    classes, "{\"classes\":[{\"name\":\"strict\",\"on_miss\":\"reject\"}]}");
            return with("hfx_slo_classes", classes);
        }

        /** Headers of a request that is {@link #refusing() refused} unless it can be in time. */
        static Map<String, String> within(long millis) {
            return Map.of("x-slo-class", "strict", "x-slo-e2e-ms", Long.toString(millis));
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

        /** A model of DJL's Python engine, which runs the Python that {@code HFX_PYTHON} names. */
        Setup python(String name, String handler, String... properties) throws IOException {
            Path into = model(name, "Python", properties);
            Files.writeString(into.resolve("model.py"), handler);
            return this;
        }

        /** The folder of a model of this server. */
        Path folder(String name) {
            return folder.resolve("models").resolve(name);
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
        config.add("management_address=http://127.0.0.1:" + port);
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
                        "-Dlog4j2.configurationFile="
                                + home.resolve("conf").resolve("log4j2-console.xml"),
                        "-cp",
                        home.resolve("lib") + "/*:" + Path.of("target", "test-classes"),
                        "ai.djl.serving.ModelServer",
                        "-f",
                        file.toString());
        builder.environment().put("MODEL_SERVER_HOME", setup.folder.toString());
        String python = System.getenv("HFX_PYTHON");
        if (python != null) {
            builder.environment().put("PYTHON_EXECUTABLE", python);
        }
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        DjlServer server = new DjlServer(process, log, port);
        server.awaitReady();
        return server;
    }

    private static void copy(Path from, Path into) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, into.resolve(from.getParent().relativize(file).toString()));
            }
        }
    }

    private static int freePort() throws IOException {
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

    /** Waits until so many requests wait for a model, as the server tells it. */
    void awaitQueue(String model, int length) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + LIMIT.toNanos();
        String seen = "";
        while (System.nanoTime() < endNanos) {
            seen = get("/models/" + model).body().replaceAll("\\s", "");
            if (seen.contains("\"requestInQueue\":" + length + ",")) {
                return;
            }
        }
        throw new AssertionError(length + " requests never waited: " + seen);
    }

    /** Registers a workflow of models in folders, and waits until it serves. */
    void registerWorkflow(Path file, String name, String out, Map<String, Path> models)
            throws Exception {
        List<String> stages = new ArrayList<>();
        models.forEach((stage, folder) -> stages.add(quoted(stage) + ":" + quoted(folder.toUri())));
        Files.writeString(
                file,
                "{\"name\":%s,\"models\":{%s},\"workflow\":{\"out\":%s}}"
                        .formatted(quoted(name), String.join(",", stages), out));
        HttpResponse<String> answer =
                send("POST", "/workflows?synchronous=true&url=" + file.toUri());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer.body() + "\n" + log());
        }
    }

    private static String quoted(Object text) {
        return '"' + text.toString() + '"';
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
