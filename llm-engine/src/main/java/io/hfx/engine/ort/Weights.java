package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The model's weights as tensors over the image's memory, by the names that the graphs use. The
 * tensors hold no copy; whoever owns the image keeps it until this is closed.
 */
final class Weights implements AutoCloseable {
    private final ModelConfig config;
    private final Map<String, OnnxTensor> tensors = new HashMap<>();

    /**
     * @param source gives a direct, native-order buffer by Hugging Face name
     */
    Weights(ModelConfig config, Function<String, FloatBuffer> source) {
        this.config = config;
        try {
            for (TensorSpec spec : TensorSpec.of(config)) {
                add(spec, source.apply(spec.name()));
            }
            if (config.tiedEmbeddings()) {
                TensorSpec embedding = TensorSpec.of(config).get(0);
                add(
                        new TensorSpec(TensorSpec.HEAD, embedding.shape()),
                        source.apply(embedding.name()));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    OnnxTensor embedding() {
        return get(TensorSpec.EMBEDDING);
    }

    /** Weights of one piece: 0 is before the first attention, {@code layers} after the last. */
    Map<String, OnnxTensor> ofPiece(int piece) {
        Map<String, OnnxTensor> its = new HashMap<>();
        if (piece > 0) {
            take(its, piece - 1, false);
        }
        if (piece < config.layers()) {
            take(its, piece, true);
        } else {
            its.put(TensorSpec.FINAL_NORM, get(TensorSpec.FINAL_NORM));
            its.put(TensorSpec.HEAD, get(TensorSpec.HEAD));
        }
        return its;
    }

    /** Bytes of the matrices that a prepacked form holds a second time. */
    long packedBytes() {
        long bytes = 0;
        for (Map.Entry<String, OnnxTensor> entry : tensors.entrySet()) {
            if (!entry.getKey().equals(TensorSpec.EMBEDDING)) {
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

    /** Those of a layer's weights that stand before its attention, or those after it. */
    private void take(Map<String, OnnxTensor> into, int layer, boolean before) {
        String prefix = TensorSpec.layerPrefix(layer);
        tensors.forEach(
                (name, tensor) -> {
                    if (name.startsWith(prefix)) {
                        String its = name.substring(prefix.length());
                        if (before == isBeforeAttention(its)) {
                            into.put(its, tensor);
                        }
                    }
                });
    }

    private static boolean isBeforeAttention(String name) {
        return name.startsWith("input_layernorm.")
                || (name.startsWith("self_attn.") && !name.startsWith("self_attn.o_proj."));
    }

    private void add(TensorSpec spec, FloatBuffer data) {
        if (data.remaining() != spec.elements()) {
            throw new IllegalArgumentException(
                    "%s has %d values, config.json asks for %s = %d"
                            .formatted(
                                    spec.name(), data.remaining(), spec.shape(), spec.elements()));
        }
        if (!data.isDirect()) {
            throw new IllegalArgumentException(spec.name() + " must lie in a direct buffer");
        }
        long[] shape = spec.shape().stream().mapToLong(Long::longValue).toArray();
        tensors.put(spec.name(), Tensors.of(data, shape));
    }
}
