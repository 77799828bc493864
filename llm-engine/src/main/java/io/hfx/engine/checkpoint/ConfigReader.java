package io.hfx.engine.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads {@code config.json} and refuses what the executors cannot run. A field that is absent means
 * what it means to transformers for that family.
 */
final class ConfigReader {
    static final int MAX_LAYERS = 1024;
    static final int MAX_POSITIONS = 1 << 24;
    private static final int MAX_WIDTH = 1 << 20;
    private static final int MAX_VOCABULARY = 1 << 22;
    private static final int QWEN3_HEAD_DIM = 128;
    private static final Set<String> DTYPES = Set.of("float32", "float16", "bfloat16");

    private final JsonFile json;
    private final Family family;

    private ConfigReader(JsonFile json) {
        this.json = json;
        this.family = family(json);
    }

    static ModelConfig read(Path checkpointDir) {
        ModelConfig config = read(JsonFile.read(checkpointDir.resolve("config.json")));
        Path generation = checkpointDir.resolve("generation_config.json");
        if (!Files.isRegularFile(generation)) {
            return config;
        }
        Set<Integer> eos = new LinkedHashSet<>(config.eosTokenIds());
        eos.addAll(eosTokenIds(JsonFile.read(generation), config.vocabulary()));
        return config.withEosTokenIds(List.copyOf(eos));
    }

    static ModelConfig read(JsonFile json) {
        ConfigReader reader = new ConfigReader(json);
        reader.refuseUnsupported();
        return reader.config();
    }

    private static Family family(JsonFile json) {
        String supported =
                Arrays.stream(Family.values())
                        .map(family -> '"' + family.modelType() + '"')
                        .collect(Collectors.joining(", "));
        JsonNode type = json.get("model_type");
        if (type == null) {
            throw new CheckpointException(
                    json.source() + ": field model_type is missing; supported: " + supported);
        }
        for (Family family : Family.values()) {
            if (type.asText().equals(family.modelType())) {
                return family;
            }
        }
        throw json.refuse("model_type", type, supported);
    }

    private void refuseUnsupported() {
        JsonNode architectures = json.get("architectures");
        String architecture = family.architecture();
        if (architectures != null
                && !(architectures.size() == 1
                        && architectures.get(0).asText().equals(architecture))) {
            throw json.refuse("architectures", architectures, "[\"" + architecture + "\"]");
        }
        JsonNode activation = json.get("hidden_act");
        if (activation != null && !activation.asText().equals("silu")) {
            throw json.refuse("hidden_act", activation, "\"silu\"");
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

    private ModelConfig config() {
        int layers = json.count("num_hidden_layers", MAX_LAYERS);
        int hidden = json.count("hidden_size", MAX_WIDTH);
        int heads = json.count("num_attention_heads", MAX_WIDTH);
        int vocabulary = json.count("vocab_size", MAX_VOCABULARY);
        int positions = json.count("max_position_embeddings", MAX_POSITIONS);
        Rope rope = RopeReader.read(json, positions);
        return new ModelConfig(
                family,
                layers,
                hidden,
                heads,
                kvHeads(heads),
                headDim(hidden, heads),
                json.count("intermediate_size", MAX_WIDTH),
                vocabulary,
                maxPositions(positions, rope),
                rope,
                json.positive("rms_norm_eps", 1e-6),
                form(),
                WindowReader.read(json, family, layers),
                json.flag("tie_word_embeddings", false),
                bosTokenId(vocabulary),
                eosTokenIds(json, vocabulary));
    }

    /** YaRN states the context that it stretches to; some configs keep the original one beside. */
    private static int maxPositions(int positions, Rope rope) {
        return rope instanceof Rope.Yarn yarn
                ? (int)
                        Math.min(
                                MAX_POSITIONS,
                                Math.max(positions, yarn.factor() * yarn.originalPositions()))
                : positions;
    }

    private LayerForm form() {
        boolean attention =
                bias("attention_bias", family == Family.LLAMA || family == Family.QWEN3);
        boolean mlp = bias("mlp_bias", family == Family.LLAMA);
        boolean qwen2 = family == Family.QWEN2;
        return new LayerForm(attention || qwen2, attention, mlp, family == Family.QWEN3);
    }

    private boolean bias(String field, boolean allowed) {
        boolean bias = json.flag(field, false);
        if (bias && !allowed) {
            throw json.refuse(field, json.root().path(field), "false for " + family.title());
        }
        return bias;
    }

    private int kvHeads(int heads) {
        boolean absent = !json.root().has("num_key_value_heads");
        int fallback = absent ? family.defaultKvHeads(heads) : heads;
        int kvHeads = json.count("num_key_value_heads", heads, fallback);
        if (heads % kvHeads != 0) {
            throw new CheckpointException(
                    json.source()
                            + ": field num_key_value_heads is "
                            + kvHeads
                            + (absent ? " where it is absent" : "")
                            + "; supported: a divisor of num_attention_heads ("
                            + heads
                            + ")");
        }
        return kvHeads;
    }

    private int headDim(int hidden, int heads) {
        boolean stated = json.get("head_dim") != null;
        boolean derived = !stated && family != Family.QWEN3;
        if (derived && hidden % heads != 0) {
            throw new CheckpointException(
                    json.source()
                            + ": field head_dim is missing, and hidden_size ("
                            + hidden
                            + ") is no multiple of num_attention_heads ("
                            + heads
                            + ")");
        }
        int headDim = derived ? hidden / heads : json.count("head_dim", MAX_WIDTH, QWEN3_HEAD_DIM);
        if (headDim % 2 != 0) {
            throw new CheckpointException(
                    json.source() + ": head_dim is " + headDim + "; supported: an even number");
        }
        return headDim;
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
