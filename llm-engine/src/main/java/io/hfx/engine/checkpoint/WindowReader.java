package io.hfx.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Reads how far back each layer looks. Mistral has one window for all layers or none; Qwen2 and
 * Qwen3 have one for the layers that {@code layer_types} names, or else from {@code
 * max_window_layers} on, where {@code use_sliding_window} is on; Llama has none.
 */
final class WindowReader {
    private static final String FULL = "full_attention";
    private static final String SLIDING = "sliding_attention";
    private static final int DEFAULT_WINDOW_TOKENS = 4096;
    private static final int DEFAULT_FIRST_LAYER = 28;

    private final JsonFile json;
    private final Family family;
    private final int layers;

    private WindowReader(JsonFile json, Family family, int layers) {
        this.json = json;
        this.family = family;
        this.layers = layers;
    }

    /** Per layer the tokens that it looks back, itself included, or {@link ModelConfig#WHOLE}. */
    static List<Integer> read(JsonFile json, Family family, int layers) {
        return new WindowReader(json, family, layers).windows();
    }

    private List<Integer> windows() {
        int window = window();
        JsonNode types = json.get("layer_types");
        List<Integer> windows =
                family.windowsByLayer()
                        ? types == null ? fromMaxWindowLayers(window) : byType(types, window)
                        : Collections.nCopies(layers, window);
        if (types != null && !byType(types, window).equals(windows)) {
            throw json.refuse(
                    "layer_types",
                    types,
                    "for " + family.title() + " one kind, the one that sliding_window says");
        }
        return windows;
    }

    private int window() {
        JsonNode node = json.get("sliding_window");
        if (family == Family.LLAMA) {
            if (node != null) {
                throw json.refuse("sliding_window", node, "null for Llama");
            }
            return ModelConfig.WHOLE;
        }
        if (family.windowsByLayer() && !json.flag("use_sliding_window", false)) {
            return ModelConfig.WHOLE;
        }
        if (node == null) {
            return json.root().has("sliding_window") ? ModelConfig.WHOLE : DEFAULT_WINDOW_TOKENS;
        }
        return json.integer("sliding_window", node, 2, ConfigReader.MAX_POSITIONS);
    }

    private List<Integer> fromMaxWindowLayers(int window) {
        JsonNode node = json.get("max_window_layers");
        int first =
                node == null
                        ? DEFAULT_FIRST_LAYER
                        : json.integer("max_window_layers", node, 0, ConfigReader.MAX_LAYERS);
        return IntStream.range(0, layers)
                .mapToObj(layer -> layer >= first ? window : ModelConfig.WHOLE)
                .toList();
    }

    private List<Integer> byType(JsonNode types, int window) {
        if (!types.isArray() || types.size() != layers) {
            throw json.refuse("layer_types", types, "an array of " + layers + " types");
        }
        return IntStream.range(0, layers)
                .mapToObj(layer -> ofType(types.get(layer), window))
                .toList();
    }

    private int ofType(JsonNode type, int window) {
        if (type.asText().equals(FULL)) {
            return ModelConfig.WHOLE;
        }
        if (!type.asText().equals(SLIDING)) {
            throw json.refuse("layer_types", type, '"' + FULL + "\" or \"" + SLIDING + '"');
        }
        if (window == ModelConfig.WHOLE) {
            throw json.refuse("layer_types", type, "\"" + FULL + "\", as there is no window");
        }
        return window;
    }
}
