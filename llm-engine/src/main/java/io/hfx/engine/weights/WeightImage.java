package io.hfx.engine.weights;

import io.hfx.engine.checkpoint.Checkpoint;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All weights of a model as F32 in direct memory of native byte order, read from a checkpoint once
 * and then shared, read-only, by any number of workers and threads.
 *
 * <p>Tensors lie in the order of {@link TensorSpec#of} (embedding, layers, norm, head), each at a
 * multiple of {@value #ALIGN_BYTES} bytes, in segments of at most 1 GiB; a larger tensor has a
 * segment of its own. Padding is zero. The memory counts against {@code -XX:MaxDirectMemorySize}.
 *
 * <p>Closing lets the segments go. Their memory is given back when no view of them is reachable any
 * more: whoever hands a view to native code keeps it.
 */
public final class WeightImage implements AutoCloseable {
    /** Alignment of every tensor. */
    public static final int ALIGN_BYTES = 4096;

    private final ModelConfig config;
    private final WeightLayout layout;
    private final String modelHash;
    private final Map<String, StoredTensor> tensors;
    private final long bytes;
    private volatile boolean closed;

    /**
     * @param shape as stored, so transposed under {@link WeightLayout#IN_OUT}
     */
    private record StoredTensor(List<Long> shape, FloatBuffer values) {}

    private WeightImage(
            ModelConfig config,
            WeightLayout layout,
            String modelHash,
            Map<String, StoredTensor> tensors,
            long bytes) {
        this.config = config;
        this.layout = layout;
        this.modelHash = modelHash;
        this.tensors = tensors;
        this.bytes = bytes;
    }

    /** Loads with the layout of Hugging Face files, {@link WeightLayout#OUT_IN}. */
    public static WeightImage load(Path checkpointDir) {
        return load(checkpointDir, WeightLayout.OUT_IN);
    }

    /**
     * Reads a checkpoint into memory, on the common pool.
     *
     * @throws CheckpointException if the checkpoint cannot be used, or the memory does not suffice
     */
    public static WeightImage load(Path checkpointDir, WeightLayout layout) {
        try (Checkpoint checkpoint = Checkpoint.open(checkpointDir)) {
            ImagePlan plan = ImagePlan.of(checkpoint, layout);
            List<ByteBuffer> segments = allocate(plan);
            String modelHash = new TensorLoader(checkpoint).load(plan.slots(), segments);
            Map<String, StoredTensor> tensors = new LinkedHashMap<>();
            for (ImagePlan.Slot slot : plan.slots()) {
                FloatBuffer values = slot.in(segments).asReadOnlyBuffer();
                tensors.put(slot.name(), new StoredTensor(slot.shape(), values));
            }
            StoredTensor embedding = tensors.get(TensorSpec.EMBEDDING);
            if (embedding != null) {
                tensors.putIfAbsent(TensorSpec.HEAD, embedding);
            }
            return new WeightImage(
                    checkpoint.config(),
                    layout,
                    modelHash,
                    Collections.unmodifiableMap(tensors),
                    plan.bytes());
        }
    }

    private static List<ByteBuffer> allocate(ImagePlan plan) {
        List<ByteBuffer> segments = new ArrayList<>();
        try {
            for (int segmentBytes : plan.segmentBytes()) {
                segments.add(
                        ByteBuffer.allocateDirect(segmentBytes + ALIGN_BYTES)
                                .alignedSlice(ALIGN_BYTES)
                                .limit(segmentBytes)
                                .slice()
                                .order(ByteOrder.nativeOrder()));
            }
            return segments;
        } catch (OutOfMemoryError e) {
            throw new CheckpointException(
                    String.format(
                            "the weights take %d MiB of direct memory, more than is left: start Java"
                                    + " with -XX:MaxDirectMemorySize of at least that plus the KV"
                                    + " cache, or choose a smaller model",
                            (plan.bytes() >> 20) + 1),
                    e);
        }
    }

    public ModelConfig config() {
        return config;
    }

    public WeightLayout layout() {
        return layout;
    }

    /**
     * Identity of the model, 64 hexadecimal digits: SHA-256 over the shape and constants of the
     * config and the SHA-256 of each tensor's bytes as stored in the checkpoint. Equal for both
     * layouts and for any sharding; different for another stored element type.
     */
    public String modelHash() {
        return modelHash;
    }

    /** Every name that {@link #tensor} answers, in blob order; the head is always one. */
    public List<String> names() {
        return List.copyOf(tensors.keySet());
    }

    /** Shape of a tensor as it lies here, outermost dimension first. */
    public long[] shape(String name) {
        return stored(name).shape().stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * A read-only view of a tensor with position 0; {@code lm_head.weight} may be the embedding.
     */
    public FloatBuffer tensor(String name) {
        if (closed) {
            throw new IllegalStateException("the weight image is closed");
        }
        return stored(name).values().duplicate();
    }

    private StoredTensor stored(String name) {
        StoredTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return tensor;
    }

    /** Bytes of memory of all tensors with their padding; a shared head counts once. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        closed = true;
    }
}
