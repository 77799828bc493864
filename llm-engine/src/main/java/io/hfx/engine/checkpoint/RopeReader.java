package io.hfx.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rotary embedding of a config in the forms that transformers 4 ({@code rope_theta} and
 * {@code rope_scaling}) and 5 ({@code rope_parameters}) write. Where a config states a value twice,
 * both must agree.
 */
final class RopeReader {
    private static final Set<String> KEYS =
            Set.of(
                    "rope_type",
                    "type",
                    "rope_theta",
                    "partial_rotary_factor",
                    "factor",
                    "original_max_position_embeddings",
                    "low_freq_factor",
                    "high_freq_factor",
                    "attention_factor",
                    "beta_fast",
                    "beta_slow",
                    "mscale",
                    "mscale_all_dim",
                    "truncate",
                    "finetuned");
    private static final String TYPES =
            "\"default\", \"linear\", \"dynamic\", \"llama3\" or \"yarn\"";

    private final JsonFile config;
    private final JsonFile rope;
    private final int maxPositions;

    private RopeReader(JsonFile config, JsonFile rope, int maxPositions) {
        this.config = config;
        this.rope = rope;
        this.maxPositions = maxPositions;
    }

    /**
     * @param maxPositions the config's {@code max_position_embeddings}
     */
    static Rope read(JsonFile config, int maxPositions) {
        return new RopeReader(config, parameters(config), maxPositions).rope();
    }

    /** The object with the parameters; the config itself where it has none. */
    private static JsonFile parameters(JsonFile config) {
        JsonFile scaling = object(config, "rope_scaling");
        JsonFile parameters = object(config, "rope_parameters");
        if (scaling != null && parameters != null && !scaling.root().equals(parameters.root())) {
            throw config.refuse(
                    "rope_parameters",
                    parameters.root(),
                    "the same as rope_scaling, or only one of the two");
        }
        JsonFile found = scaling != null ? scaling : parameters;
        return found != null ? found : config;
    }

    private static @Nullable JsonFile object(JsonFile config, String field) {
        JsonNode node = config.get(field);
        if (node == null || (node.isObject() && node.isEmpty())) {
            return null;
        }
        if (!(node instanceof ObjectNode object)) {
            throw config.refuse(field, node, "an object or null");
        }
        JsonFile json = config.child(field, object);
        for (String key : object.properties().stream().map(e -> e.getKey()).toList()) {
            JsonNode value = json.get(key);
            if (value != null && !KEYS.contains(key)) {
                throw json.refuse(key, value, "the keys " + String.join(", ", new TreeSet<>(KEYS)));
            }
        }
        return json;
    }

    private Rope rope() {
        wholeHead(config);
        wholeHead(rope);
        double theta = theta();
        return switch (type()) {
            case "default" -> new Rope.Default(theta);
            case "linear" -> new Rope.Linear(theta, factor());
            case "dynamic" -> new Rope.Dynamic(theta, factor());
            case "llama3" -> llama3(theta);
            case "yarn" -> yarn(theta);
            default -> throw rope.refuse(typeField(), rope.root().path(typeField()), TYPES);
        };
    }

    private String typeField() {
        return rope.get("rope_type") != null ? "rope_type" : "type";
    }

    private String type() {
        if (rope == config) {
            return "default";
        }
        JsonNode old = rope.get("type");
        JsonNode type = rope.get(typeField());
        if (old != null && !old.equals(type)) {
            throw rope.refuse("type", old, "the same as rope_type, or only one of the two");
        }
        return type == null ? "default" : type.asText();
    }

    private static void wholeHead(JsonFile json) {
        JsonNode factor = json.get("partial_rotary_factor");
        if (factor != null && factor.asDouble() != 1) {
            throw json.refuse("partial_rotary_factor", factor, "1");
        }
    }

    private double theta() {
        double outside = base(config, 10_000);
        double theta = base(rope, outside);
        if (theta != outside && config.get("rope_theta") != null) {
            throw rope.refuse(
                    "rope_theta",
                    rope.root().path("rope_theta"),
                    "the same as rope_theta outside (" + outside + "), or only one of the two");
        }
        return theta;
    }

    private static double base(JsonFile json, double fallback) {
        double theta = json.positive("rope_theta", fallback);
        if (theta <= 1) {
            throw json.refuse("rope_theta", json.root().path("rope_theta"), "a number above 1");
        }
        return theta;
    }

    private double factor() {
        double factor = required("factor");
        if (factor < 1) {
            throw rope.refuse("factor", rope.root().path("factor"), "a number of at least 1");
        }
        return factor;
    }

    private double required(String field) {
        if (rope.get(field) == null) {
            throw new CheckpointException(
                    rope.source()
                            + ": field "
                            + field
                            + " is missing; rope type "
                            + type()
                            + " needs it");
        }
        return rope.positive(field, 1);
    }

    private int originalPositions() {
        String field = "original_max_position_embeddings";
        JsonNode outside = config.get(field);
        JsonNode inside = rope.get(field);
        if (outside != null && inside != null && !outside.equals(inside)) {
            throw rope.refuse(
                    field, inside, "the same as outside (" + outside + "), or only one of the two");
        }
        return (inside != null ? rope : config)
                .count(field, ConfigReader.MAX_POSITIONS, maxPositions);
    }

    private Rope llama3(double theta) {
        double low = required("low_freq_factor");
        double high = required("high_freq_factor");
        if (high <= low) {
            throw rope.refuse(
                    "high_freq_factor",
                    rope.root().path("high_freq_factor"),
                    "a number above low_freq_factor (" + low + ")");
        }
        return new Rope.Llama3(theta, factor(), low, high, originalPositions());
    }

    private Rope yarn(double theta) {
        double fast = rope.positive("beta_fast", 32);
        double slow = rope.positive("beta_slow", 1);
        if (fast < slow) {
            String field = rope.get("beta_slow") != null ? "beta_slow" : "beta_fast";
            throw rope.refuse(
                    field,
                    rope.root().path(field),
                    "beta_fast (here %s) at least beta_slow (here %s)".formatted(fast, slow));
        }
        return new Rope.Yarn(
                theta,
                factor(),
                originalPositions(),
                fast,
                slow,
                rope.flag("truncate", true),
                yarnScale());
    }

    /** The stated one, else the ratio of the two mscales, else that of the paper. */
    private double yarnScale() {
        boolean both = rope.get("mscale") != null && rope.get("mscale_all_dim") != null;
        double inferred = both ? magnitude("mscale") / magnitude("mscale_all_dim") : magnitude(1.0);
        return rope.positive("attention_factor", inferred);
    }

    private double magnitude(String field) {
        return magnitude(rope.positive(field, 1));
    }

    private double magnitude(double mscale) {
        return 0.1 * mscale * Math.log(factor()) + 1;
    }
}
