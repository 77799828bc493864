package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import io.hfx.engine.checkpoint.ModelConfig;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The model's weights as tensors over the image's memory, under the names that the graphs use. The
 * tensors hold no copy; whoever owns the image keeps it until this is closed.
 */
final class Weights implements AutoCloseable {
    static final String EMBED = "embed";
    private final ModelConfig config;
    private final Map<String, OnnxTensor> tensors = new HashMap<>();

    /**
     * @param source gives a direct, native-order buffer by Hugging Face name
     */
    Weights(ModelConfig config, Function<String, FloatBuffer> source) {
        this.config = config;
        long hidden = config.hidden();
        long heads = DecoderGraphs.attentionWidth(config);
        long kv = (long) config.kvHeads() * config.headDim();
        long inner = config.intermediate();
        try {
            for (int layer = 0; layer < config.layers(); layer++) {
                add(source, layer, "input_norm", "input_layernorm", hidden);
                add(source, layer, "q", "self_attn.q_proj", heads, hidden);
                add(source, layer, "k", "self_attn.k_proj", kv, hidden);
                add(source, layer, "v", "self_attn.v_proj", kv, hidden);
                add(source, layer, "o", "self_attn.o_proj", hidden, heads);
                add(source, layer, "post_norm", "post_attention_layernorm", hidden);
                add(source, layer, "gate", "mlp.gate_proj", inner, hidden);
                add(source, layer, "up", "mlp.up_proj", inner, hidden);
                add(source, layer, "down", "mlp.down_proj", hidden, inner);
            }
            String embed = "model.embed_tokens.weight";
            add(source, EMBED, embed, config.vocabulary(), hidden);
            String head = config.tiedEmbeddings() ? embed : "lm_head.weight";
            add(source, "head", head, config.vocabulary(), hidden);
            add(source, "final_norm", "model.norm.weight", hidden);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    OnnxTensor embed() {
        return get(EMBED);
    }

    /** Weights of one piece: 0 is before the first attention, {@code layers} after the last. */
    Map<String, OnnxTensor> ofPiece(int piece) {
        Map<String, OnnxTensor> its = new HashMap<>();
        if (piece > 0) {
            take(its, piece - 1, "o", "post_norm", "gate", "up", "down");
        }
        if (piece < config.layers()) {
            take(its, piece, "input_norm", "q", "k", "v");
        } else {
            its.put("final_norm", get("final_norm"));
            its.put("head", get("head"));
        }
        return its;
    }

    /** Bytes of the matrices that a prepacked form holds a second time. */
    long packedBytes() {
        long bytes = 0;
        for (Map.Entry<String, OnnxTensor> entry : tensors.entrySet()) {
            if (!entry.getKey().equals(EMBED)) {
                bytes += bytesOf(entry.getValue());
            }
        }
        return bytes;
    }

    @Override
    public void close() {
        tensors.values().forEach(OnnxTensor::close);
        tensors.clear();
    }

    private static long bytesOf(OnnxTensor tensor) {
        long bytes = Float.BYTES;
        for (long dim : tensor.getInfo().getShape()) {
            bytes *= dim;
        }
        return bytes;
    }

    private OnnxTensor get(String name) {
        OnnxTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalStateException("no weight " + name);
        }
        return tensor;
    }

    private void take(Map<String, OnnxTensor> into, int layer, String... names) {
        for (String name : names) {
            into.put(name, get(layer + "." + name));
        }
    }

    private void add(
            Function<String, FloatBuffer> source,
            int layer,
            String name,
            String module,
            long... shape) {
        String tensor = "model.layers." + layer + "." + module + ".weight";
        add(source, layer + "." + name, tensor, shape);
    }

    private void add(
            Function<String, FloatBuffer> source, String key, String tensor, long... shape) {
        FloatBuffer data = source.apply(tensor);
        long expected = 1;
        for (long dim : shape) {
            expected *= dim;
        }
        if (data.remaining() != expected) {
            throw new IllegalArgumentException(
                    "%s has %d values, config.json asks for %s = %d"
                            .formatted(tensor, data.remaining(), Arrays.toString(shape), expected));
        }
        if (!data.isDirect()) {
            throw new IllegalArgumentException(tensor + " must lie in a direct buffer");
        }
        tensors.put(key, Tensors.of(data, shape));
    }
}
