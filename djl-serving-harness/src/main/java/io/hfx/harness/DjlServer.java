package io.hfx.harness;

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

    private final DjlSetup setup;
    private final int port;
    private final int managementPort;
    private final HttpClient client = HttpClient.newHttpClient();

    private DjlServer(Process process, DjlSetup setup, int port, int managementPort) {
        this.process = process;
        atExit = new Thread(process::destroyForcibly, "djl-server-exit");
        Runtime.getRuntime().addShutdownHook(atExit);
        this.setup = setup;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** Starts a process; it may not listen yet. */
    static DjlServer launch(DjlSetup setup) throws Exception {
        int port = freePort();
        int managementPort = setup.hasSplitPorts() ? freePort() : port;
        Path home = home();
        Path plugins = Files.createDirectories(setup.folder().resolve("plugins"));
        setup.installPlugins(plugins);
        Path file = setup.folder().resolve("config.properties");
        Files.write(file, setup.configuration(port, managementPort, plugins));
        Path java = setup.otherJava();
        ProcessBuilder builder =
                new ProcessBuilder(
                        java == null
                                ? ProcessHandle.current().info().command().orElse("java")
                                : java.toString(),
                        "-Dai.djl.offline=true",
                        "-Dlog4j2.configurationFile="
                                + home.resolve("conf").resolve("log4j2-console.xml"),
                        "-cp",
                        classPath(home, setup),
                        "ai.djl.serving.ModelServer",
                        "-f",
                        file.toString());
        builder.environment().put("MODEL_SERVER_HOME", setup.folder().toString());
        builder.environment().putAll(setup.environment());
        Path log = setup.folder().resolve(LOG);
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        return new DjlServer(process, setup, port, managementPort);
    }

    private static String classPath(Path home, DjlSetup setup) throws Exception {
        List<String> entries = new ArrayList<>();
        if (setup.ort() == DjlSetup.Ort.IN_LIB) {
            entries.add(home.resolve("lib") + "/*");
        } else {
            entries.addAll(withoutOnnxRuntime(home, setup));
        }
        if (setup.otherJava() == null) {
            entries.add(ownClasses().toString());
        }
        return String.join(":", entries);
    }

    private static List<String> withoutOnnxRuntime(Path home, DjlSetup setup) throws IOException {
        List<String> entries = new ArrayList<>();
        try (Stream<Path> jars = Files.list(home.resolve("lib"))) {
            for (Path jar : jars.sorted().toList()) {
                String name = Objects.requireNonNull(jar.getFileName()).toString();
                if (!name.startsWith("onnxruntime")) {
                    entries.add(jar.toString());
                } else if (setup.ort() == DjlSetup.Ort.IN_DEPS) {
                    Path deps = Files.createDirectories(setup.folder().resolve("deps"));
                    LinkedFiles.one(jar, deps.resolve(name));
                }
            }
        }
        return entries;
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

    /** One that nobody listens on. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    void awaitReady() throws Exception {
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

    /** Waits for the end of a server that cannot start; gives its log. */
    String awaitEnd() throws Exception {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("the server goes on:\n" + log());
        }
        return log();
    }

    /** The folder of a model that it was set up with. */
    public Path modelFolder(String name) {
        return setup.folder(name);
    }

    /** Threads of the process, as the operating system counts them. */
    public int threads() throws IOException {
        return entries("task");
    }

    /** Open files of the process. */
    public int files() throws IOException {
        return entries("fd");
    }

    private int entries(String of) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(process.pid()), of))) {
            return (int) all.count();
        }
    }

    public int port() {
        return port;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    public String log() throws IOException {
        return Files.readString(setup.folder().resolve(LOG));
    }

    /**
     * Gets a path.
     *
     * @param headers names and values in turn
     */
    public HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        return get(uri(path), headers);
    }

    /** From the management address. */
    public HttpResponse<String> getManagement(String path)
            throws IOException, InterruptedException {
        return get(URI.create("http://127.0.0.1:" + managementPort + path));
    }

    private HttpResponse<String> get(URI uri, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(LIMIT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
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

    /** Waits until so many requests wait for a model, as the server tells it. */
    public void awaitQueue(String model, int length) throws IOException, InterruptedException {
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
    public void registerWorkflow(Path file, String name, String out, Map<String, Path> models)
            throws Exception {
        List<String> stages = new ArrayList<>();
        models.forEach((stage, at) -> stages.add(quoted(stage) + ":" + quoted(at.toUri())));
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
