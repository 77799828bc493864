package io.hfx.plugin.config;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Everything that the standalone server is told; made by {@link ConfigReader}, whose schema {@link
 * ConfigKeys} gives ranges and defaults.
 *
 * @param modelDir folder of the checkpoint
 * @param modelId name that clients give in {@code model}
 * @param host address to listen on
 * @param port to listen on; 0 takes a free one
 * @param policy name of the scheduling policy
 * @param policySettings its settings, as text
 * @param backend what runs the model
 * @param workers replicas of the model
 * @param kvSlots sequences that one worker holds KV for
 * @param prefixCacheBytes memory for the KV of past prompts; 0 for none
 * @param contextTokens most tokens of a sequence, where the model allows more
 * @param threads executor threads of one worker
 * @param waiting requests that may wait for a worker
 * @param waitingBestEffort the same of those without objective, and of demoted ones
 * @param sloClasses that clients may name
 * @param corsOrigins of pages that may call from other origins; {@code *} for all
 * @param drainNanos that streams may go on after the order to stop
 * @param access who may come in, and how
 * @param http bounds of the listener
 * @param requests bounds of requests
 * @param stepLog file that gets the shape and the time of every step
 * @param weights where those of the model come from, and whether others may have them
 */
public record ServerConfig(
        Path modelDir,
        String modelId,
        String host,
        int port,
        String policy,
        Map<String, String> policySettings,
        Backend backend,
        int workers,
        int kvSlots,
        long prefixCacheBytes,
        int contextTokens,
        int threads,
        int waiting,
        int waitingBestEffort,
        SloClasses sloClasses,
        Set<String> corsOrigins,
        long drainNanos,
        Access access,
        HttpLimits http,
        RequestLimits requests,
        Optional<Path> stepLog,
        WeightSettings weights) {
    /** As browsers write them in their header. */
    private static final Pattern ORIGIN = Pattern.compile("\\*|https?://[a-z0-9.\\[\\]:-]+");

    public ServerConfig {
        policySettings = Map.copyOf(policySettings);
        corsOrigins = Set.copyOf(corsOrigins);
    }

    /** Builds the record from the checked text of every key, empty for none. */
    static ServerConfig from(UnaryOperator<String> text) {
        if (text.apply("hfx_model").isEmpty()) {
            throw new ConfigException("hfx_model (--model) must name the folder of a checkpoint");
        }
        Path modelDir = Path.of(text.apply("hfx_model"));
        String classes = text.apply("hfx_slo_classes");
        return new ServerConfig(
                modelDir,
                modelId(text.apply("hfx_model_id"), modelDir),
                text.apply("hfx_host"),
                number(text, "hfx_port"),
                text.apply("hfx_policy"),
                settings(text.apply("hfx_policy_settings")),
                backend(text.apply("hfx_backend"), text.apply("hfx_latency_profile")),
                number(text, "hfx_workers"),
                number(text, "hfx_kv_slots"),
                Long.parseLong(text.apply("hfx_prefix_cache_bytes")),
                number(text, "hfx_context_tokens"),
                number(text, "hfx_threads"),
                number(text, "hfx_max_waiting"),
                number(text, "hfx_max_waiting_best_effort"),
                classes.isEmpty() ? SloClasses.NONE : SloClasses.read(Path.of(classes)),
                origins(text.apply("hfx_cors_allowed_origins")),
                nanos(text, "hfx_drain_seconds"),
                access(text),
                HttpLimits.of(text),
                RequestLimits.of(text),
                Optional.of(text.apply("hfx_step_log")).filter(f -> !f.isEmpty()).map(Path::of),
                WeightSettings.of("hfx_", name -> text.apply("hfx_" + name)));
    }

    private static Map<String, String> settings(String text) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String pair : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String[] parts = pair.trim().split("=", 2);
            if (parts.length != 2 || settings.put(parts[0], parts[1]) != null) {
                throw new ConfigException(
                        "hfx_policy_settings must be key=value,key=value, each key once, was "
                                + text);
            }
        }
        return settings;
    }

    private static Set<String> origins(String text) {
        Set<String> origins = new LinkedHashSet<>();
        for (String each : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            String origin = each.strip();
            if (!ORIGIN.matcher(origin).matches()) {
                throw new ConfigException(
                        "hfx_cors_allowed_origins must be * or origins such as"
                                + " https://example.org:8443, lower case and without a path, was "
                                + text);
            }
            origins.add(origin);
        }
        return origins;
    }

    private static Backend backend(String name, String profile) {
        if (name.equals("onnxruntime")) {
            return new Backend.OnnxRuntime();
        }
        if (!name.equals("emulated")) {
            throw new ConfigException("hfx_backend must be onnxruntime or emulated, was " + name);
        }
        if (profile.isEmpty()) {
            throw new ConfigException(
                    "hfx_latency_profile must name a file where hfx_backend is emulated");
        }
        return new Backend.Emulated(Path.of(profile));
    }

    private static String modelId(String stated, Path modelDir) {
        if (!stated.isEmpty()) {
            return stated;
        }
        Path folder = modelDir.toAbsolutePath().normalize().getFileName();
        return folder == null ? "model" : folder.toString();
    }

    private static Access access(UnaryOperator<String> text) {
        String certificate = text.apply("hfx_tls_certificate");
        String key = text.apply("hfx_tls_key");
        if (certificate.isEmpty() != key.isEmpty()) {
            throw new ConfigException(
                    "hfx_tls_certificate and hfx_tls_key must be stated together");
        }
        String keys = text.apply("hfx_keys_file");
        return new Access(
                keys.isEmpty() ? null : Path.of(keys),
                Boolean.parseBoolean(text.apply("hfx_trust_client_slo")),
                certificate.isEmpty() ? null : new Access.Tls(Path.of(certificate), Path.of(key)),
                Boolean.parseBoolean(text.apply("hfx_insecure")));
    }

    static int number(UnaryOperator<String> text, String key) {
        return Integer.parseInt(text.apply(key));
    }

    static long nanos(UnaryOperator<String> text, String key) {
        return new BigDecimal(text.apply(key)).movePointRight(9).longValue();
    }

    /** What runs the model. */
    public sealed interface Backend {
        /** ONNX Runtime on the CPU. */
        record OnnxRuntime() implements Backend {}

        /**
         * Workers that wait by a latency profile and compute nothing: for the study of policies.
         *
         * @param profile JSON file of step times
         */
        record Emulated(Path profile) implements Backend {}
    }
}
