package io.hfx.engine.weights;

import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * All that an executor needs of a model. The memory belongs to whoever made this and must outlive
 * the executors; any number of them may share it, read-only.
 *
 * @param modelHash identity of the model, see {@link CheckpointWeights#read}
 * @param tensors gives each tensor of {@link TensorSpec#of} by its name: F32 in a direct buffer of
 *     native order, its position 0, matrices as [out, in]; a tied head is not one
 * @param arrival waits until the values of the tensor of that name may be read, on any thread; its
 *     exception says why they never may
 */
public record ModelWeights(
        ModelConfig config,
        String modelHash,
        Function<String, FloatBuffer> tensors,
        Consumer<String> arrival) {
    /** Weights that are all there. */
    public ModelWeights(
            ModelConfig config, String modelHash, Function<String, FloatBuffer> tensors) {
        this(config, modelHash, tensors, name -> {});
    }

    /**
     * Reads a checkpoint into direct memory, a buffer for each tensor, which counts against {@code
     * -XX:MaxDirectMemorySize} and is freed when no view of it is reachable.
     *
     * @throws CheckpointException if the checkpoint cannot be used, or the memory does not suffice
     */
    public static ModelWeights load(Path checkpointDir) {
        try (CheckpointWeights checkpoint = CheckpointWeights.open(checkpointDir)) {
            Map<String, FloatBuffer> buffers = new LinkedHashMap<>();
            checkpoint.tensors().forEach(spec -> buffers.put(spec.name(), allocate(spec)));
            String modelHash = checkpoint.read(name -> buffer(buffers, name).duplicate());
            return new ModelWeights(
                    checkpoint.config(),
                    modelHash,
                    name -> buffer(buffers, name).asReadOnlyBuffer());
        }
    }

    private static FloatBuffer buffer(Map<String, FloatBuffer> buffers, String name) {
        FloatBuffer found = buffers.get(name);
        if (found == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return found;
    }

    private static FloatBuffer allocate(TensorSpec spec) {
        long bytes = Math.multiplyExact(spec.elements(), Float.BYTES);
        if (bytes > Integer.MAX_VALUE) {
            throw new CheckpointException(
                    String.format(
                            "tensor %s takes %d bytes as F32; supported: at most %d",
                            spec.name(), bytes, Integer.MAX_VALUE));
        }
        try {
            return ByteBuffer.allocateDirect((int) bytes)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    "too little direct memory for the weights: start Java with a larger"
                            + " -XX:MaxDirectMemorySize, or choose a smaller model",
                    e);
        }
    }
}
