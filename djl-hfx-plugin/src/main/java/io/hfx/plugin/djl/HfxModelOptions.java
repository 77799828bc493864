package io.hfx.plugin.djl;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ConfigKey;
import io.hfx.plugin.config.ConfigKeys;
import io.hfx.plugin.config.ModelSettings;
import io.hfx.plugin.config.ServerConfig.Backend;
import io.hfx.plugin.config.WeightSettings;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a token-level model is told in {@code serving.properties}: keys as those of the standalone
 * server, {@code hfx.kv_slots} or {@code option.kv_slots} for its {@code hfx_kv_slots}. Others are
 * DJL's.
 *
 * @param settings of the model
 * @param drainNanos how long a request may stay at a worker that leaves
 */
record HfxModelOptions(ModelSettings settings, long drainNanos) {
    private static final String DRAIN = "drain_seconds";
    private static final BigDecimal DRAIN_SECONDS = BigDecimal.valueOf(3);

    /**
     * Reads them.
     *
     * @param name of the model
     * @param folder of the model; relative paths start there
     * @param given values by key, without prefix
     * @throws ConfigException that names the key
     */
    static HfxModelOptions read(String name, Path folder, Map<String, String> given) {
        Keys keys = new Keys(given);
        return new HfxModelOptions(
                new ModelSettings(
                        folder,
                        name,
                        keys.text("policy"),
                        policySettings(keys.text("policy_settings")),
                        backend(keys, folder),
                        keys.number("kv_slots"),
                        Long.parseLong(keys.text("prefix_cache_bytes")),
                        keys.number("context_tokens"),
                        keys.number("threads"),
                        keys.number("max_waiting"),
                        keys.number("max_waiting_best_effort"),
                        Optional.empty(),
                        weights(keys, folder)),
                (given.containsKey(DRAIN) ? new BigDecimal(keys.text(DRAIN)) : DRAIN_SECONDS)
                        .movePointRight(9)
                        .longValue());
    }

    /** The options of a model, under them what {@code hfx.*} keys say: those win. */
    static Map<String, String> merge(Map<String, ?> options, Map<String, String> properties) {
        Map<String, String> merged = new LinkedHashMap<>();
        options.forEach((key, value) -> merged.put(key, String.valueOf(value)));
        properties.forEach(
                (key, value) -> {
                    if (key.startsWith("hfx.")) {
                        merged.put(key.substring("hfx.".length()), value);
                    }
                });
        return merged;
    }

    private static Map<String, String> policySettings(String text) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String[] parts = pair.trim().split("=", 2);
            if (parts.length != 2 || settings.put(parts[0], parts[1]) != null) {
                throw new ConfigException(
                        "hfx.policy_settings must be key=value,key=value, each key once, was "
                                + text);
            }
        }
        return settings;
    }

    /** The file of the key is found from the model's folder, as all paths of a model. */
    private static WeightSettings weights(Keys keys, Path folder) {
        return WeightSettings.of("hfx.", keys::text).in(folder);
    }

    private static Backend backend(Keys keys, Path folder) {
        String name = keys.text("backend");
        String profile = keys.text("latency_profile");
        return switch (name) {
            case "onnxruntime" -> new Backend.OnnxRuntime();
            case "emulated" -> {
                if (profile.isEmpty()) {
                    throw new ConfigException(
                            "hfx.latency_profile must name a file where hfx.backend is emulated");
                }
                yield new Backend.Emulated(folder.resolve(profile));
            }
            default ->
                    throw new ConfigException(
                            "hfx.backend must be onnxruntime or emulated, was " + name);
        };
    }

    /** Values, checked as those of the standalone server's keys. */
    private record Keys(Map<String, String> given) {
        String text(String name) {
            ConfigKey key = ConfigKeys.find("hfx_" + name).orElseThrow();
            String value = given.get(name);
            if (value == null) {
                return key.byDefault();
            }
            String trimmed = value.strip();
            if (!key.accepts(trimmed)) {
                throw new ConfigException(
                        "hfx." + name + " must be " + key.allowed() + ", was " + trimmed);
            }
            return trimmed;
        }

        int number(String name) {
            return Integer.parseInt(text(name));
        }
    }
}
