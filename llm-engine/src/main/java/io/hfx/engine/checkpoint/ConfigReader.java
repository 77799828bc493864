package io.hfx.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Reads {@code config.json} of a Llama checkpoint and refuses what the executors cannot run. */
final class ConfigReader {
    private static final int MAX_LAYERS = 1024;
    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_VOCABULARY = 1 << 22;
    private static final int MAX_POSITIONS = 1 << 24;
    private static final Set<String> DTYPES = Set.of("float32", "float16", "bfloat16");

    private final JsonFile json;

    private ConfigReader(JsonFile json) {
        this.json = json;
    }

    static ModelConfig read(Path checkpointDir) {
        ConfigReader reader = new ConfigReader(JsonFile.read(checkpointDir.resolve("config.json")));
        reader.refuseUnsupported();
        ModelConfig config = reader.config();
        Path generation = checkpointDir.resolve("generation_config.json");
        if (!Files.isRegularFile(generation)) {
            return config;
        }
        Set<Integer> eos = new LinkedHashSet<>(config.eosTokenIds());
        eos.addAll(eosTokenIds(JsonFile.read(generation), config.vocabulary()));
        return config.withEosTokenIds(List.copyOf(eos));
    }

    private void refuseUnsupported() {
        only("model_type", "llama");
        JsonNode architectures = json.get("architectures");
        if (architectures != null
                && !(architectures.size() == 1
                        && architectures.get(0).asText().equals("LlamaForCausalLM"))) {
            throw json.refuse("architectures", architectures, "[\"LlamaForCausalLM\"]");
        }
        if (json.get("hidden_act") != null) {
            only("hidden_act", "silu");
        }
        for (String bias : List.of("attention_bias", "mlp_bias")) {
            JsonNode node = json.get(bias);
            if (node != null && json.flag(bias, false)) {
                throw json.refuse(bias, node, "false");
            }
        }
        JsonNode quantization = json.get("quantization_config");
        if (quantization != null) {
            throw json.refuse(
                    "quantization_config", quantization, "none (F32, F16 or BF16 weights)");
        }
        for (String dtype : List.of("dtype", "torch_dtype")) {
            JsonNode node = json.get(dtype);
            if (node != null && !DTYPES.contains(node.asText())) {
                throw json.refuse(dtype, node, "\"float32\", \"float16\" or \"bfloat16\"");
            }
        }
    }

    private void only(String field, String allowed) {
        JsonNode node = json.get(field);
        if (node == null) {
            throw new CheckpointException(
                    json.source() + ": field " + field + " is missing; supported: " + allowed);
        }
        if (!node.asText().equals(allowed)) {
            throw json.refuse(field, node, '"' + allowed + '"');
        }
    }

    private ModelConfig config() {
        int hidden = json.count("hidden_size", MAX_WIDTH);
        int heads = json.count("num_attention_heads", MAX_WIDTH);
        int vocabulary = json.count("vocab_size", MAX_VOCABULARY);
        return new ModelConfig(
                "llama",
                json.count("num_hidden_layers", MAX_LAYERS),
                hidden,
                heads,
                kvHeads(heads),
                headDim(hidden, heads),
                json.count("intermediate_size", MAX_WIDTH),
                vocabulary,
                json.count("max_position_embeddings", MAX_POSITIONS),
                ropeTheta(),
                json.positive("rms_norm_eps", 1e-6),
                json.flag("tie_word_embeddings", false),
                bosTokenId(vocabulary),
                eosTokenIds(json, vocabulary));
    }

    private int kvHeads(int heads) {
        int kvHeads = json.count("num_key_value_heads", heads, heads);
        if (heads % kvHeads != 0) {
            throw new CheckpointException(
                    json.source()
                            + ": field num_key_value_heads is "
                            + kvHeads
                            + "; supported: a divisor of num_attention_heads ("
                            + heads
                            + ")");
        }
        return kvHeads;
    }

    private int headDim(int hidden, int heads) {
        boolean derived = json.get("head_dim") == null;
        if (derived && hidden % heads != 0) {
            throw new CheckpointException(
                    json.source()
                            + ": field head_dim is missing, and hidden_size ("
                            + hidden
                            + ") is no multiple of num_attention_heads ("
                            + heads
                            + ")");
        }
        int headDim = derived ? hidden / heads : json.count("head_dim", MAX_WIDTH);
        if (headDim % 2 != 0) {
            throw new CheckpointException(
                    json.source() + ": head_dim is " + headDim + "; supported: an even number");
        }
        return headDim;
    }

    /** Base of the rotary frequencies, as both generations of the format write it. */
    private double ropeTheta() {
        double theta = json.positive("rope_theta", 10_000);
        for (String field : List.of("rope_scaling", "rope_parameters")) {
            JsonNode node = json.get(field);
            if (node == null) {
                continue;
            }
            if (!(node instanceof ObjectNode object)) {
                throw json.refuse(field, node, "an object or null");
            }
            JsonFile rope = json.child(field, object);
            for (String kind : List.of("rope_type", "type")) {
                JsonNode type = rope.get(kind);
                if (type != null && !type.asText().equals("default")) {
                    throw rope.refuse(kind, type, "\"default\" (no rope scaling)");
                }
            }
            wholeHead(rope);
            theta = rope.positive("rope_theta", theta);
        }
        wholeHead(json);
        return theta;
    }

    private static void wholeHead(JsonFile rope) {
        JsonNode factor = rope.get("partial_rotary_factor");
        if (factor != null && factor.asDouble() != 1) {
            throw rope.refuse("partial_rotary_factor", factor, "1");
        }
    }

    private int bosTokenId(int vocabulary) {
        JsonNode node = json.get("bos_token_id");
        return node == null ? -1 : json.integer("bos_token_id", node, 0, vocabulary - 1);
    }

    private static List<Integer> eosTokenIds(JsonFile json, int vocabulary) {
        JsonNode node = json.get("eos_token_id");
        if (node == null) {
            return List.of();
        }
        List<Integer> ids = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(id -> ids.add(json.integer("eos_token_id", id, 0, vocabulary - 1)));
        } else {
            ids.add(json.integer("eos_token_id", node, 0, vocabulary - 1));
        }
        return ids;
    }
}
