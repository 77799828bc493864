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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    /** The model of {@link Setup#sampleModel}. */
    static final String SAMPLE = "sample";

    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";
    private static final String PROFILE =
            """
            {"chunkNanos": 50000, "promptTokenNanos": 500, "attentionPairNanos": 0,
             "decodeStepNanos": 4000000, "decodeNanos": 5000, "contextTokenNanos": 0}
            """;

    private final Process process;
    private final Path log;
    private final int port;
    private final int managementPort;
    private final HttpClient client = HttpClient.newHttpClient();

    private DjlServer(Process process, Path log, int port, int managementPort) {
        this.managementPort = managementPort;
        this.process = process;
        this.log = log;
        this.port = port;
    }

    /** What a server is started with. */
    static final class Setup {
        private final Path folder;
        private final List<String> models = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private final Map<String, String> environment = new HashMap<>();
        private final List<Path> pluginJars = new ArrayList<>();
        private boolean plugin = true;
        private Ort ort = Ort.IN_LIB;
        private boolean split;
        private Optional<Path> otherJava = Optional.empty();

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

        /** Inference and management each on a port of its own. */
        Setup splitPorts() {
            split = true;
            return this;
        }

        /** A token-level model {@link #SAMPLE} on one emulated worker of 32 slots. */
        Setup sampleModel() throws IOException {
            Path into =
                    model(
                            SAMPLE,
                            "HFX",
                            ONE_WORKER,
                            "option.backend=emulated",
                            "option.latency_profile=profile.json",
                            "option.kv_slots=32",
                            "option.context_tokens=512");
            SampleModel.create(SampleModel.Size.TINY, into, 1);
            Files.writeString(into.resolve("profile.json"), PROFILE);
            return this;
        }

        /** The jar of one more plugin. */
        Setup pluginJar(Path jar) {
            pluginJars.add(jar);
            return this;
        }

        /** The program of another Java; then without the engines of the tests. */
        Setup java(Path program) {
            otherJava = Optional.of(program);
            return this;
        }

        /** A variable of the server's environment. */
        Setup environment(String key, String value) {
            environment.put(key, value);
            return this;
        }

        /** An entry of {@code load_models}. */
        Setup load(String entry) {
            models.add(entry);
            return this;
        }

        /** All lines of a {@code config.properties}; what this class sets wins. */
        Setup config(Path example) throws IOException {
            lines.addAll(Files.readAllLines(example));
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

        /** A token-level model on the smallest sample checkpoint, loaded at the start. */
        Setup hfx(String name, String... properties) throws IOException {
            SampleModel.create(
                    SampleModel.Size.MICRO, model(name, "HFX", properties), name.hashCode());
            return this;
        }

        /** A workflow of two models that are there already. */
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
            models.add(name + "=" + into.toUri());
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
            DjlServer server = DjlServer.launch(this);
            server.awaitReady();
            return server;
        }

        /** Starts a server that cannot; waits for its end and gives its log. */
        String startInVain() throws Exception {
            try (DjlServer server = DjlServer.launch(this)) {
                if (!server.process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                    throw new AssertionError("the server goes on:\n" + server.log());
                }
                return server.log();
            }
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
        if (setup.otherJava.isEmpty()) {
            entries.add(Path.of("target", "test-classes").toString());
        }
        return String.join(":", entries);
    }

    private static DjlServer launch(Setup setup) throws Exception {
        int port = freePort();
        Path home = Path.of(System.getenv("DJL_SERVING_HOME"));
        Path plugins = Files.createDirectories(setup.folder.resolve("plugins"));
        if (setup.plugin) {
            copy(Path.of("..", "djl-hfx-bootstrap", "target", "plugins", "hfx"), plugins);
        }
        for (Path jar : setup.pluginJars) {
            Files.copy(jar, plugins.resolve(jar.getFileName()));
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
                        setup.otherJava
                                .map(Path::toString)
                                .or(() -> ProcessHandle.current().info().command())
                                .orElse("java"),
                        "-Dai.djl.offline=true",
                        "-Dlog4j2.configurationFile="
                                + home.resolve("conf").resolve("log4j2-console.xml"),
                        "-cp",
                        classPath(home, setup),
                        "ai.djl.serving.ModelServer",
                        "-f",
                        file.toString());
        builder.environment().put("MODEL_SERVER_HOME", setup.folder.toString());
        builder.environment().putAll(setup.environment);
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        return new DjlServer(process, log, port, management);
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

    int port() {
        return port;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /**
     * @param headers names and values in turn
     */
    HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(LIMIT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** From the management address. */
    HttpResponse<String> getManagement(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + managementPort + path);
        return client.send(
                HttpRequest.newBuilder(uri).timeout(LIMIT).build(),
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
