package io.hfx.plugin.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;

/**
 * What a model's {@code serving.properties} says to the plugin; checked.
 *
 * @param sloClasses those of the server, with the model's own default
 * @param waiting requests that may wait for a worker; empty for {@code job_queue_size}
 * @param waitingBestEffort the same of those without objective, and of demoted ones
 * @param bestEffortShare of the workers, guaranteed to requests without objective; 0 to 0.5
 * @param deadlineMargin share of the time to a deadline that batches are planned with; 0.1 to 1
 * @param options of the engine HFX by name, without {@code option.}, the defaults of those left
 *     out; empty for other engines
 */
public record ModelConfig(
        SloClasses sloClasses,
        OptionalInt waiting,
        OptionalInt waitingBestEffort,
        double bestEffortShare,
        double deadlineMargin,
        Map<String, String> options) {
    public ModelConfig {
        options = Map.copyOf(options);
    }

    /** Of a model that says nothing. */
    public static ModelConfig none(PluginConfig server) {
        return new ModelConfig(
                server.sloClasses(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                server.bestEffortShare(),
                server.deadlineMargin(),
                Map.of());
    }

    /**
     * Reads the keys of one model.
     *
     * @param engine of the model
     * @param folder of the model
     * @param properties as DJL Serving has them, from {@code serving.properties} and its
     *     environment
     * @throws ConfigException that names the place, the key, the value and what is allowed
     */
    public static ModelConfig read(
            PluginConfig server, String engine, Path folder, Properties properties) {
        ServingProperties given =
                new ServingProperties(engine, folder.resolve("serving.properties"));
        Map<String, String> values = given.checked(properties);
        return new ModelConfig(
                classes(server.sloClasses(), given, values),
                number(values, "hfx.max_waiting"),
                number(values, "hfx.max_waiting_best_effort"),
                decimal(values, "hfx.best_effort_share").orElse(server.bestEffortShare()),
                decimal(values, "hfx.deadline_margin").orElse(server.deadlineMargin()),
                options(engine, given, values));
    }

    private static SloClasses classes(
            SloClasses all, ServingProperties given, Map<String, String> values) {
        String name = values.get("hfx.slo_class");
        if (name == null) {
            return all;
        }
        return all.find(name)
                .map(all::withDefault)
                .orElseThrow(
                        () ->
                                new ConfigException(
                                        given.source("hfx.slo_class")
                                                + ": hfx.slo_class must be one of "
                                                + String.join(", ", all.names())
                                                + ", was "
                                                + name));
    }

    private static Map<String, String> options(
            String engine, ServingProperties given, Map<String, String> values) {
        Map<String, String> options = new LinkedHashMap<>();
        for (ConfigKey key : ModelKeys.of(engine).all()) {
            if (key.name().startsWith(ModelKeys.OPTION)) {
                options.put(
                        key.name().substring(ModelKeys.OPTION.length()),
                        values.getOrDefault(key.name(), key.byDefault()));
            }
        }
        checkBackend(options, given);
        return options;
    }

    private static void checkBackend(Map<String, String> options, ServingProperties given) {
        String backend = options.getOrDefault("backend", "onnxruntime");
        boolean emulated = backend.equals("emulated");
        if (!emulated && !backend.equals("onnxruntime")) {
            throw new ConfigException(
                    given.source("option.backend")
                            + ": option.backend must be onnxruntime or emulated, was "
                            + backend);
        }
        if (emulated && options.getOrDefault("latency_profile", "").isEmpty()) {
            throw new ConfigException(
                    given.source("option.backend")
                            + ": option.latency_profile must name a file where option.backend is"
                            + " emulated");
        }
    }

    private static OptionalInt number(Map<String, String> values, String key) {
        String text = values.get(key);
        return text == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
    }

    private static Optional<Double> decimal(Map<String, String> values, String key) {
        return Optional.ofNullable(values.get(key)).map(Double::valueOf);
    }
}
