package io.hfx.harness;

import io.hfx.engine.ort.OnnxGraph;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real DJL Serving in a process of its own, on 127.0.0.1, with or without the plugin folder.
 * {@code DJL_SERVING_HOME} names its distribution.
 */
public final class DjlServer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** In a server's folder: what it wrote. */
    public static final String LOG = "server.log";

    private final Process process;

    /** Ends the server with this process, however that ends. */
    private final Thread atExit;

    private final Path folder;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private DjlServer(Process process, Path folder, int port) {
        this.process = process;
        atExit = new Thread(process::destroyForcibly, "djl-server-exit");
        Runtime.getRuntime().addShutdownHook(atExit);
        this.folder = folder;
        this.port = port;
    }

    /** What a server is started with. */
    public static final class Setup {
        private final Path folder;
        private final List<String> models = new ArrayList<>();
        private final List<String> lines = new ArrayList<>();
        private @Nullable Path plugin =
                Path.of("..", "djl-hfx-bootstrap", "target", "plugins", "hfx");

        /**
         * @param folder empty, for this server alone
         */
        public Setup(Path folder) {
            this.folder = folder;
        }

        /** This server's own, where the caller may put files. */
        public Path folder() {
            return folder;
        }

        /** A stock server. */
        public Setup withoutPlugin() {
            plugin = null;
            return this;
        }

        /**
         * Where the plugin folder is; if this is not said, that of the build, seen from a module's
         * folder.
         */
        public Setup withPlugin(Path built) {
            plugin = built;
            return this;
        }

        /** A line of {@code config.properties}. */
        public Setup with(String key, Object value) {
            lines.add(key + "=" + value);
            return this;
        }

        /** An ONNX model that doubles its numbers. */
        public Setup onnx(String name, String... properties) throws IOException {
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
        public Setup fixedTime(String name, long serviceMicros, String... properties)
                throws IOException {
            Path into = model(name, FixedTimeEngine.NAME, properties);
            Path file = into.resolve("serving.properties");
            Files.writeString(
                    file, Files.readString(file) + "option.serviceMicros=" + serviceMicros + "\n");
            return this;
        }

        /**
         * A model of any engine on the server's class path, loaded at its start.
         *
         * @param properties further lines of its {@code serving.properties}
         * @return its folder, for the model's own files
         */
        public Path model(String name, String engine, String... properties) throws IOException {
            Path into = Files.createDirectories(modelFolder(folder, name));
            Files.writeString(
                    into.resolve("serving.properties"),
                    "engine=" + engine + "\n" + String.join("\n", properties) + "\n");
            models.add(name + "::" + engine + ":*=" + into.toUri());
            return into;
        }

        public DjlServer start() throws Exception {
            return DjlServer.start(this);
        }
    }

    private static DjlServer start(Setup setup) throws Exception {
        int port = freePort();
        Path home = home();
        Path plugins = Files.createDirectories(setup.folder.resolve("plugins"));
        if (setup.plugin != null) {
            copy(setup.plugin, Files.createDirectories(plugins.resolve("hfx")));
        }
        List<String> config = new ArrayList<>(setup.lines);
        config.add("inference_address=http://127.0.0.1:" + port);
        config.add("management_address=http://127.0.0.1:" + port);
        config.add("model_store=" + Files.createDirectories(setup.folder.resolve("store")));
        config.add("plugin_folder=" + plugins);
        config.add("load_models=" + String.join(",", setup.models));
        Path file = setup.folder.resolve("config.properties");
        Files.write(file, config);
        Path log = setup.folder.resolve(LOG);
        ProcessBuilder builder =
                new ProcessBuilder(
                        ProcessHandle.current().info().command().orElse("java"),
                        "-Dai.djl.offline=true",
                        "-Dlog4j2.configurationFile="
                                + home.resolve("conf").resolve("log4j2-console.xml"),
                        "-cp",
                        home.resolve("lib") + "/*:" + ownClasses(),
                        "ai.djl.serving.ModelServer",
                        "-f",
                        file.toString());
        builder.environment().put("MODEL_SERVER_HOME", setup.folder.toString());
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        DjlServer server = new DjlServer(process, setup.folder, port);
        server.awaitReady();
        return server;
    }

    /** Whether {@code DJL_SERVING_HOME} names an unpacked DJL Serving. */
    public static boolean isAvailable() {
        String home = System.getenv("DJL_SERVING_HOME");
        return home != null && Files.isDirectory(Path.of(home, "lib"));
    }

    private static Path home() {
        if (!isAvailable()) {
            throw new IllegalStateException(
                    "DJL_SERVING_HOME must name an unpacked DJL Serving with a folder lib");
        }
        return Path.of(System.getenv("DJL_SERVING_HOME"));
    }

    /** The jar or the folder that {@link FixedTimeEngine} is in. */
    private static Path ownClasses() throws URISyntaxException {
        return Path.of(
                FixedTimeEngine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private static void copy(Path from, Path into) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = into.resolve(from.relativize(file).toString());
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                Files.copy(file, copy);
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

    /** The server's process, as long as it runs. */
    public ProcessHandle process() {
        return process.toHandle();
    }

    /** The folder of a model that it was set up with. */
    public Path modelFolder(String name) {
        return modelFolder(folder, name);
    }

    private static Path modelFolder(Path folder, String name) {
        return folder.resolve("models").resolve(name);
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    public String log() throws IOException {
        return Files.readString(folder.resolve(LOG));
    }

    public HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(uri(path)).timeout(LIMIT).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> send(String method, String path) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(path))
                        .timeout(LIMIT)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String body, Map<String, String> headers)
            throws Exception {
        return postAsync(path, body, headers).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    public CompletableFuture<HttpResponse<String>> postAsync(
            String path, String body, Map<String, String> headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(path))
                        .timeout(LIMIT)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body));
        headers.forEach(request::header);
        return client.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Ends the server; once. */
    @Override
    public void close() {
        process.destroy();
        try {
            process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            process.destroyForcibly().onExit().join();
        }
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
