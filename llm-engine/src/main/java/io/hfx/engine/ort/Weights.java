package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.weights.ModelWeights;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The model's weights as tensors over the image's memory, by the names that the graphs use. The
 * tensors hold no copy; whoever owns the image keeps it until this is closed. Their values may
 * still come: those of a piece are read after {@link #await}.
 */
final class Weights implements AutoCloseable {
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.([0-9]+)\\.");

    private final ModelConfig config;
    private final Consumer<String> arrival;
    private final Map<String, OnnxTensor> tensors = new HashMap<>();

    /** All pieces below this one are there. */
    private volatile int arrived;

    Weights(ModelWeights given) {
        this.config = given.config();
        this.arrival = given.arrival();
        Function<String, FloatBuffer> source = given.tensors();
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
        tensors.forEach(
                (name, tensor) -> {
                    if (!name.equals(TensorSpec.EMBEDDING) && pieceOf(name) == piece) {
                        its.put(LAYER.matcher(name).replaceFirst(""), tensor);
                    }
                });
        return its;
    }

    /**
     * Waits for the values of a piece and of those before it, in the order in which a step reads
     * them. Free of charge once they are there. Any thread.
     */
    void await(int piece) {
        for (int next = arrived; next <= piece; next++) {
            for (TensorSpec spec : TensorSpec.of(config)) {
                if (pieceOf(spec.name()) == next) {
                    arrival.accept(spec.name());
                }
            }
            arrived = next + 1;
        }
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

    private int pieceOf(String name) {
        Matcher layer = LAYER.matcher(name);
        if (!layer.lookingAt()) {
            return name.equals(TensorSpec.EMBEDDING) ? 0 : config.layers();
        }
        int its = Integer.parseInt(layer.group(1));
        return isBeforeAttention(name.substring(layer.end())) ? its : its + 1;
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
