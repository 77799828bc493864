package io.hfx.engine.checkpoint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Name and shape of a tensor, as in Hugging Face files: matrices are [out, in].
 *
 * @param name for example {@code model.layers.0.self_attn.q_proj.weight}
 * @param shape outermost dimension first
 */
public record TensorSpec(String name, List<Long> shape) {
    public static final String EMBEDDING = "model.embed_tokens.weight";
    public static final String FINAL_NORM = "model.norm.weight";
    public static final String HEAD = "lm_head.weight";

    public TensorSpec {
        shape = List.copyOf(shape);
    }

    private static TensorSpec of(String name, long... shape) {
        return new TensorSpec(name, Arrays.stream(shape).boxed().toList());
    }

    /** Number of elements. */
    public long elements() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /**
     * The tensors of a Llama model, in the order in which a step reads them: embedding; per layer
     * input norm, q, k, v, o, post-attention norm, gate, up, down; final norm; head unless tied.
     */
    public static List<TensorSpec> ofLlama(ModelConfig config) {
        List<TensorSpec> specs = new ArrayList<>();
        specs.add(of(EMBEDDING, config.vocabulary(), config.hidden()));
        for (int layer = 0; layer < config.layers(); layer++) {
            addLayer(specs, config, "model.layers." + layer + '.');
        }
        specs.add(of(FINAL_NORM, config.hidden()));
        if (!config.tiedEmbeddings()) {
            specs.add(of(HEAD, config.vocabulary(), config.hidden()));
        }
        return specs;
    }

    private static void addLayer(List<TensorSpec> specs, ModelConfig config, String prefix) {
        long hidden = config.hidden();
        long queryWidth = (long) config.heads() * config.headDim();
        long kvWidth = (long) config.kvHeads() * config.headDim();
        long inner = config.intermediate();
        specs.add(of(prefix + "input_layernorm.weight", hidden));
        specs.add(of(prefix + "self_attn.q_proj.weight", queryWidth, hidden));
        specs.add(of(prefix + "self_attn.k_proj.weight", kvWidth, hidden));
        specs.add(of(prefix + "self_attn.v_proj.weight", kvWidth, hidden));
        specs.add(of(prefix + "self_attn.o_proj.weight", hidden, queryWidth));
        specs.add(of(prefix + "post_attention_layernorm.weight", hidden));
        specs.add(of(prefix + "mlp.gate_proj.weight", inner, hidden));
        specs.add(of(prefix + "mlp.up_proj.weight", inner, hidden));
        specs.add(of(prefix + "mlp.down_proj.weight", hidden, inner));
    }
}
