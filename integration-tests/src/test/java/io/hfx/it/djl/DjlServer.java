package io.hfx.it.djl;

import io.hfx.engine.ort.OnnxGraph;
import io.hfx.engine.sample.SampleModel;
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
        private Ort ort = Ort.IN_LIB;

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

        /** Where the server has ONNX Runtime. */
        Setup ort(Ort place) {
            ort = place;
            return this;
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

        /** A token-level model on the smallest sample checkpoint, loaded at the start. */
        Setup hfx(String name, String... properties) throws IOException {
            SampleModel.create(
                    SampleModel.Size.MICRO, model(name, "HFX", properties), name.hashCode());
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

    /** Where a server has ONNX Runtime. */
    enum Ort {
        IN_LIB,
        IN_DEPS,
        NOWHERE
    }

    private static String classPath(Path home, Setup setup) throws IOException {
        List<String> entries = new ArrayList<>();
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            for (Path jar : jars.sorted().toList()) {
                String name = jar.getFileName().toString();
                if (setup.ort == Ort.IN_LIB || !name.startsWith("onnxruntime")) {
                    entries.add(jar.toString());
                } else if (setup.ort == Ort.IN_DEPS) {
                    Path deps = Files.createDirectories(setup.folder.resolve("deps"));
                    link(jar, deps.resolve(name));
                }
            }
        }
        entries.add(Path.of("target", "test-classes").toString());
        return String.join(":", entries);
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
                        classPath(home, setup),
                        "ai.djl.serving.ModelServer",
                        "-f",
                        file.toString());
        builder.environment().put("MODEL_SERVER_HOME", setup.folder.toString());
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        DjlServer server = new DjlServer(process, log, port);
        server.awaitReady();
        return server;
    }

    private static void copy(Path from, Path into) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path to = into.resolve(from.getParent().relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else {
                    link(file, to);
                }
            }
        }
    }

    /** Without a copy of large files, where the file system can. */
    private static void link(Path file, Path to) throws IOException {
        try {
            Files.createLink(to, file.toRealPath());
        } catch (IOException | UnsupportedOperationException e) {
            Files.copy(file, to);
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

    /** What the process holds: threads and open files, as the operating system counts them. */
    int threads() throws IOException {
        return entries("task");
    }

    int files() throws IOException {
        return entries("fd");
    }

    private int entries(String of) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process.pid()), of))) {
            return (int) all.count();
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
