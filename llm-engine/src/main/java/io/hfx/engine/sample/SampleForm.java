package io.hfx.engine.sample;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.Family;
import io.hfx.engine.checkpoint.ModelConfig;
import java.util.Locale;

/**
 * The families and forms in which sample models are written, as the difference of their {@code
 * config.json} from a plain one. Between them they have every form that can be read, in the words
 * of transformers 4 or of transformers 5. Windows and original contexts are so short that prompts
 * exceed them.
 */
public enum SampleForm {
    LLAMA("grouped queries", Family.LLAMA, "{}"),
    LLAMA_MHA(
            "a key head per query head, as Llama 2", Family.LLAMA, "{'num_key_value_heads': null}"),
    LLAMA_MQA("one key head", Family.LLAMA, "{'num_key_value_heads': 1}"),
    LLAMA_BIAS(
            "biases in attention and MLP",
            Family.LLAMA,
            "{'attention_bias': true, 'mlp_bias': true}"),
    LLAMA_LINEAR(
            "linear RoPE scaling",
            Family.LLAMA,
            "{'rope_scaling': {'type': 'linear', 'factor': 4.0}}"),
    LLAMA_DYNAMIC(
            "dynamic NTK RoPE scaling",
            Family.LLAMA,
            "{'rope_scaling': {'type': 'dynamic', 'factor': 2.0}}"),
    LLAMA_YARN(
            "YaRN with all its settings, as transformers 5 writes it",
            Family.LLAMA,
            """
            {'rope_theta': null, 'torch_dtype': null,
             'rope_parameters': {'rope_type': 'yarn', 'rope_theta': 10000.0, 'factor': 8.0,
               'original_max_position_embeddings': ORIGINAL, 'beta_fast': 16.0, 'beta_slow': 2.0,
               'mscale': 1.0, 'mscale_all_dim': 0.5, 'truncate': false}}
            """),
    LLAMA3(
            "Llama 3.2: llama3 RoPE scaling, head shared with the embedding",
            Family.LLAMA,
            """
            {'rope_theta': 500000.0, 'tie_word_embeddings': true,
             'rope_scaling': {'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,
               'high_freq_factor': 4.0, 'original_max_position_embeddings': ORIGINAL}}
            """),
    MISTRAL(
            "no window, heads wider than hidden / heads",
            Family.MISTRAL,
            "{'sliding_window': null, 'head_dim': WIDE}"),
    MISTRAL_WINDOW("one window", Family.MISTRAL, "{'sliding_window': WINDOW}"),
    QWEN2(
            "biases on query, key and value; windows off; shared head",
            Family.QWEN2,
            """
            {'rope_theta': 1000000.0, 'tie_word_embeddings': true, 'use_sliding_window': false,
             'sliding_window': WINDOW, 'max_window_layers': 1}
            """),
    QWEN2_WINDOW(
            "a window from the second layer on",
            Family.QWEN2,
            "{'use_sliding_window': true, 'sliding_window': WINDOW, 'max_window_layers': 1}"),
    QWEN2_YARN(
            "YaRN as the model cards of Qwen2.5 ask for it",
            Family.QWEN2,
            """
            {'rope_theta': 1000000.0, 'max_position_embeddings': ORIGINAL,
             'rope_scaling': {'type': 'yarn', 'factor': 8.0,
               'original_max_position_embeddings': ORIGINAL}}
            """),
    QWEN3(
            "norms of query and key, as transformers 5 writes it",
            Family.QWEN3,
            """
            {'rope_theta': null, 'torch_dtype': null, 'head_dim': WIDE, 'attention_bias': false,
             'rope_parameters': {'rope_type': 'default', 'rope_theta': 1000000.0}}
            """),
    QWEN3_WINDOW(
            "attention biases, a window in every other layer",
            Family.QWEN3,
            """
            {'attention_bias': true, 'use_sliding_window': true, 'sliding_window': WINDOW,
             'layer_types': LAYER_TYPES}
            """);

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final String description;
    private final Family family;
    private final String changes;

    SampleForm(String description, Family family, String changes) {
        this.description = description;
        this.family = family;
        this.changes = changes;
    }

    /** The name on the command line. */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public String description() {
        return description;
    }

    /** What is read back from the files of this form and size. */
    public ModelConfig config(SampleModel.Size size) {
        return ModelConfig.parse(configJson(size).toString());
    }

    ObjectNode configJson(SampleModel.Size size) {
        ObjectNode json = plain(size);
        changes(size)
                .properties()
                .forEach(
                        change -> {
                            // A null for a field that the plain config has means: leave it out.
                            if (change.getValue().isNull() && json.has(change.getKey())) {
                                json.remove(change.getKey());
                            } else {
                                json.set(change.getKey(), change.getValue());
                            }
                        });
        return json;
    }

    private ObjectNode changes(SampleModel.Size size) {
        ArrayNode types = JsonNodeFactory.instance.arrayNode();
        for (int layer = 0; layer < size.layers; layer++) {
            types.add(layer % 2 == 0 ? "sliding_attention" : "full_attention");
        }
        String text =
                changes.replace("LAYER_TYPES", types.toString())
                        .replace("WINDOW", Integer.toString(size.maxPositions / 32))
                        .replace("ORIGINAL", Integer.toString(size.maxPositions / 8))
                        .replace("WIDE", Integer.toString(size.headDim * 2))
                        .replace('\'', '"');
        try {
            return (ObjectNode) MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(name() + " is not valid JSON", e);
        }
    }

    private ObjectNode plain(SampleModel.Size size) {
        int bos = size.vocabulary - SampleTokenizer.SPECIAL.size();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.putArray("architectures").add(family.architecture());
        if (family == Family.LLAMA) {
            json.put("attention_bias", false);
        }
        json.put("attention_dropout", 0.0);
        json.put("bos_token_id", bos);
        json.put("dtype", "bfloat16");
        json.putArray("eos_token_id").add(bos + 3).add(bos + 1);
        if (family != Family.QWEN2) {
            json.put("head_dim", size.headDim);
        }
        json.put("hidden_act", "silu");
        json.put("hidden_size", size.hidden);
        json.put("initializer_range", 0.02);
        json.put("intermediate_size", size.intermediate);
        json.put("max_position_embeddings", size.maxPositions);
        if (family == Family.LLAMA) {
            json.put("mlp_bias", false);
        }
        json.put("model_type", family.modelType());
        json.put("num_attention_heads", size.heads);
        json.put("num_hidden_layers", size.layers);
        json.put("num_key_value_heads", size.kvHeads());
        json.put("rms_norm_eps", 1e-5);
        json.put("rope_theta", 10_000.0);
        json.put("tie_word_embeddings", false);
        json.put("torch_dtype", "bfloat16");
        json.put("vocab_size", size.vocabulary);
        return json;
    }
}
