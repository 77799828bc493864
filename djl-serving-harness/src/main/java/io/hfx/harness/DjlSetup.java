package io.hfx.harness;

import io.hfx.engine.ort.OnnxGraph;
import io.hfx.engine.sample.SampleModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a {@link DjlServer} is started with: its folder, configuration, plugins and models. */
public final class DjlSetup {
    /** The model of {@link #sampleModel}. */
    public static final String SAMPLE = "sample";

    private static final String ONE_WORKER = "minWorkers=1\nmaxWorkers=1";

    /** Steps of a few milliseconds. */
    private static final String PROFILE =
            """
            {"chunkNanos": 50000, "promptTokenNanos": 500, "attentionPairNanos": 0,
             "decodeStepNanos": 4000000, "decodeNanos": 5000, "contextTokenNanos": 0}
            """;

    /** Where a server has ONNX Runtime. */
    public enum Ort {
        IN_LIB,
        IN_DEPS,
        NOWHERE
    }

    private final Path folder;
    private final List<String> models = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<Path> pluginJars = new ArrayList<>();
    private @Nullable Path plugin = Path.of("..", "djl-hfx-bootstrap", "target", "plugins", "hfx");
    private Ort ort = Ort.IN_LIB;
    private boolean split;
    private @Nullable Path otherJava;

    /**
     * @param folder empty, for this server alone
     */
    public DjlSetup(Path folder) {
        this.folder = folder;
    }

    /** This server's own, where the caller may put files. */
    public Path folder() {
        return folder;
    }

    /** The folder of a model of this server. */
    public Path folder(String model) {
        return folder.resolve("models").resolve(model);
    }

    /** A stock server. */
    public DjlSetup withoutPlugin() {
        plugin = null;
        return this;
    }

    /**
     * Where the plugin folder is; if this is not said, that of the build, seen from a module's
     * folder.
     */
    public DjlSetup withPlugin(Path built) {
        plugin = built;
        return this;
    }

    /** The jar of one more plugin. */
    public DjlSetup pluginJar(Path jar) {
        pluginJars.add(jar);
        return this;
    }

    /** Where the server has ONNX Runtime. */
    public DjlSetup ort(Ort place) {
        ort = place;
        return this;
    }

    /** Inference and management each on a port of its own. */
    public DjlSetup splitPorts() {
        split = true;
        return this;
    }

    /** The program of another Java; then without the engines of the tests. */
    public DjlSetup java(Path program) {
        otherJava = program;
        return this;
    }

    /** A variable of the server's environment. */
    public DjlSetup environment(String key, String value) {
        environment.put(key, value);
        return this;
    }

    /** A line of {@code config.properties}. */
    public DjlSetup with(String key, Object value) {
        lines.add(key + "=" + value);
        return this;
    }

    /** Requests of class {@code strict} that cannot meet an objective are refused, not demoted. */
    public DjlSetup refusing() throws IOException {
        Path classes = folder.resolve("classes.json");
        Files.writeString(classes, "{\"classes\":[{\"name\":\"strict\",\"on_miss\":\"reject\"}]}");
        return with("hfx_slo_classes", classes);
    }

    /** Headers of a request that is {@link #refusing() refused} unless it can be in time. */
    public static Map<String, String> within(long millis) {
        return Map.of("x-slo-class", "strict", "x-slo-e2e-ms", Long.toString(millis));
    }

    /** All lines of a {@code config.properties}; what this class sets wins. */
    public DjlSetup config(Path example) throws IOException {
        lines.addAll(Files.readAllLines(example));
        return this;
    }

    /** An entry of {@code load_models}. */
    public DjlSetup load(String entry) {
        models.add(entry);
        return this;
    }

    /** An ONNX model that doubles its numbers. */
    public DjlSetup onnx(String name, String... properties) throws IOException {
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
    public DjlSetup fixedTime(String name, long serviceMicros, String... properties)
            throws IOException {
        Path into = model(name, FixedTimeEngine.NAME, properties);
        Path file = into.resolve("serving.properties");
        Files.writeString(
                file, Files.readString(file) + "option.serviceMicros=" + serviceMicros + "\n");
        return this;
    }

    /** A model of DJL's Python engine, which runs the Python that {@code HFX_PYTHON} names. */
    public DjlSetup python(String name, String handler, String... properties) throws IOException {
        Path into = model(name, "Python", properties);
        Files.writeString(into.resolve("model.py"), handler);
        String python = System.getenv("HFX_PYTHON");
        return python == null ? this : environment("PYTHON_EXECUTABLE", python);
    }

    /** A token-level model on the smallest sample checkpoint, loaded at the start. */
    public DjlSetup hfx(String name, String... properties) throws IOException {
        SampleModel.create(SampleModel.Size.MICRO, model(name, "HFX", properties), name.hashCode());
        return this;
    }

    /** A token-level model {@link #SAMPLE} on one emulated worker of 32 slots. */
    public DjlSetup sampleModel() throws IOException {
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

    /** A workflow of two models, which the server then does not load on their own. */
    public DjlSetup workflow(String name, String first, String second) throws IOException {
        Path into = Files.createDirectories(folder(name));
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

    /**
     * A model of any engine on the server's class path, loaded at its start.
     *
     * @param properties further lines of its {@code serving.properties}
     * @return its folder, for the model's own files
     */
    public Path model(String name, String engine, String... properties) throws IOException {
        Path into = Files.createDirectories(folder(name));
        Files.writeString(
                into.resolve("serving.properties"),
                "engine=" + engine + "\n" + String.join("\n", properties) + "\n");
        models.add(name + "::" + engine + ":*=" + into.toUri());
        return into;
    }

    /** Starts the server and waits until it is healthy. */
    public DjlServer start() throws Exception {
        DjlServer server = DjlServer.launch(this);
        server.awaitReady();
        return server;
    }

    /** Starts a server that cannot; waits for its end and gives its log. */
    public String startInVain() throws Exception {
        try (DjlServer server = DjlServer.launch(this)) {
            return server.awaitEnd();
        }
    }

    Map<String, String> environment() {
        return environment;
    }

    Ort ort() {
        return ort;
    }

    @Nullable Path otherJava() {
        return otherJava;
    }

    boolean hasSplitPorts() {
        return split;
    }

    /** Puts the plugins into a folder of the server's. */
    void installPlugins(Path into) throws IOException {
        if (plugin != null) {
            LinkedFiles.tree(plugin, Files.createDirectories(into.resolve("hfx")));
        }
        for (Path jar : pluginJars) {
            Files.copy(jar, into.resolve(Objects.requireNonNull(jar.getFileName())));
        }
    }

    /** {@code config.properties}. */
    List<String> configuration(int port, int managementPort, Path plugins) throws IOException {
        List<String> config = new ArrayList<>(lines);
        config.add("inference_address=http://127.0.0.1:" + port);
        config.add("management_address=http://127.0.0.1:" + managementPort);
        config.add("model_store=" + Files.createDirectories(folder.resolve("store")));
        config.add("plugin_folder=" + plugins);
        config.add("load_models=" + String.join(",", models));
        return config;
    }
}
