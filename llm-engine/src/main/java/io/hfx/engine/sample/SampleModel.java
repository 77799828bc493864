package io.hfx.engine.sample;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a Hugging Face checkpoint directory of a small Llama model with seeded weights, a
 * tokenizer and a chat template: offline, within seconds, and equal to the byte for the same size
 * and seed on every machine. It speaks nonsense, but costs what a trained model of its shape costs.
 *
 * <p>Weights are BF16: half the bytes of F32, and since F32 holds them exactly, every executor and
 * reference computes with the same values.
 */
public final class SampleModel {
    /** What is written, config.json last: without it a directory is no checkpoint. */
    public static final List<String> FILES =
            List.of(
                    "tokenizer.json",
                    "tokenizer_config.json",
                    "special_tokens_map.json",
                    "generation_config.json",
                    "model.safetensors",
                    "config.json");

    /** Shapes: name, layers, hidden, query heads, MLP width, vocabulary, positions. */
    public enum Size {
        /** About 3 million parameters, for tests. */
        TINY(4, 256, 4, 448, 2000, 2048),
        /** About 33 million parameters, for demonstrations. */
        SMALL(6, 512, 8, 1408, 16_000, 2048),
        /** About 110 million parameters, for benchmarks. */
        BASE(10, 768, 12, 2048, 32_000, 4096);

        private static final int HEAD_DIM = 64;

        private final int layers;
        private final int hidden;
        private final int heads;
        private final int intermediate;
        private final int vocabulary;
        private final int maxPositions;

        Size(
                int layers,
                int hidden,
                int heads,
                int intermediate,
                int vocabulary,
                int maxPositions) {
            this.layers = layers;
            this.hidden = hidden;
            this.heads = heads;
            this.intermediate = intermediate;
            this.vocabulary = vocabulary;
            this.maxPositions = maxPositions;
        }

        /** The shape of the model; grouped-query attention with four or two queries per key. */
        public ModelConfig config() {
            int kvHeads = heads % 4 == 0 && heads > 4 ? heads / 4 : heads / 2;
            int bos = vocabulary - SampleTokenizer.SPECIAL.size();
            return new ModelConfig(
                    "llama",
                    layers,
                    hidden,
                    heads,
                    kvHeads,
                    HEAD_DIM,
                    intermediate,
                    vocabulary,
                    maxPositions,
                    10_000,
                    1e-5,
                    false,
                    bos,
                    List.of(bos + 3, bos + 1));
        }
    }

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private SampleModel() {}

    /**
     * Writes a model.
     *
     * @param out is made if needed
     * @throws FileAlreadyExistsException if one of {@link #FILES} is there already
     */
    public static void create(Size size, Path out, long seed) throws IOException {
        Files.createDirectories(out);
        for (String file : FILES) {
            if (Files.exists(out.resolve(file))) {
                throw new FileAlreadyExistsException(out.resolve(file).toString());
            }
        }
        ModelConfig config = size.config();
        SampleTokenizer tokenizer = new SampleTokenizer(config.vocabulary());
        Files.write(
                out.resolve("tokenizer.json"), MAPPER.writeValueAsBytes(tokenizer.tokenizerJson()));
        write(
                out.resolve("tokenizer_config.json"),
                tokenizer.tokenizerConfigJson(config.maxPositions()));
        write(out.resolve("special_tokens_map.json"), tokenizer.specialTokensJson());
        write(out.resolve("generation_config.json"), generationJson(config));
        SampleWeights weights = new SampleWeights(tokenizer, seed);
        SafetensorsWriter.write(
                out.resolve("model.safetensors"), TensorSpec.ofLlama(config), weights::fill);
        write(out.resolve("config.json"), configJson(config));
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        DefaultPrettyPrinter printer =
                new DefaultPrettyPrinter()
                        .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                        .withArrayIndenter(new DefaultIndenter("  ", "\n"));
        Files.writeString(file, MAPPER.writer(printer).writeValueAsString(json) + '\n');
    }

    private static ObjectNode configJson(ModelConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add("LlamaForCausalLM");
        json.put("attention_bias", false);
        json.put("attention_dropout", 0.0);
        json.put("bos_token_id", config.bosTokenId());
        json.put("dtype", "bfloat16");
        config.eosTokenIds().forEach(json.putArray("eos_token_id")::add);
        json.put("head_dim", config.headDim());
        json.put("hidden_act", "silu");
        json.put("hidden_size", config.hidden());
        json.put("initializer_range", 0.02);
        json.put("intermediate_size", config.intermediate());
        json.put("max_position_embeddings", config.maxPositions());
        json.put("mlp_bias", false);
        json.put("model_type", "llama");
        json.put("num_attention_heads", config.heads());
        json.put("num_hidden_layers", config.layers());
        json.put("num_key_value_heads", config.kvHeads());
        json.put("rms_norm_eps", config.rmsNormEps());
        json.put("rope_theta", config.ropeTheta());
        json.put("tie_word_embeddings", config.tiedEmbeddings());
        json.put("torch_dtype", "bfloat16");
        json.put("vocab_size", config.vocabulary());
        return json;
    }

    private static ObjectNode generationJson(ModelConfig config) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("bos_token_id", config.bosTokenId());
        config.eosTokenIds().forEach(json.putArray("eos_token_id")::add);
        json.put("pad_token_id", config.bosTokenId() + 1);
        json.put("do_sample", false);
        return json;
    }
}
