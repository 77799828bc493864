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
     * The tensors of a model, in the order in which a step reads them: embedding; per layer input
     * norm, q, k, v, norms of q and k, o, post-attention norm, gate, up, down, each bias after its
     * matrix; final norm; head unless tied.
     */
    public static List<TensorSpec> of(ModelConfig config) {
        List<TensorSpec> specs = new ArrayList<>();
        specs.add(of(EMBEDDING, config.vocabulary(), config.hidden()));
        for (int layer = 0; layer < config.layers(); layer++) {
            addLayer(specs, config, layerPrefix(layer));
        }
        specs.add(of(FINAL_NORM, config.hidden()));
        if (!config.tiedEmbeddings()) {
            specs.add(of(HEAD, config.vocabulary(), config.hidden()));
        }
        return specs;
    }

    private static String layerPrefix(int layer) {
        return "model.layers." + layer + '.';
    }

    private static void addLayer(List<TensorSpec> specs, ModelConfig config, String prefix) {
        LayerForm form = config.form();
        int hidden = config.hidden();
        int inner = config.intermediate();
        String attention = prefix + "self_attn.";
        String mlp = prefix + "mlp.";
        specs.add(of(prefix + "input_layernorm.weight", hidden));
        addLinear(specs, attention + "q_proj", config.queryWidth(), hidden, form.qkvBias());
        addLinear(specs, attention + "k_proj", config.kvWidth(), hidden, form.qkvBias());
        addLinear(specs, attention + "v_proj", config.kvWidth(), hidden, form.qkvBias());
        if (form.qkNorm()) {
            specs.add(of(attention + "q_norm.weight", config.headDim()));
            specs.add(of(attention + "k_norm.weight", config.headDim()));
        }
        addLinear(specs, attention + "o_proj", hidden, config.queryWidth(), form.outputBias());
        specs.add(of(prefix + "post_attention_layernorm.weight", hidden));
        addLinear(specs, mlp + "gate_proj", inner, hidden, form.mlpBias());
        addLinear(specs, mlp + "up_proj", inner, hidden, form.mlpBias());
        addLinear(specs, mlp + "down_proj", hidden, inner, form.mlpBias());
    }

    private static void addLinear(
            List<TensorSpec> specs, String module, int out, int in, boolean bias) {
        specs.add(of(module + ".weight", out, in));
        if (bias) {
            specs.add(of(module + ".bias", out));
        }
    }
}
