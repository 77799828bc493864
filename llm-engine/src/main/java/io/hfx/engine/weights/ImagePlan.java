package io.hfx.engine.weights;

import io.hfx.engine.checkpoint.Checkpoint;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.checkpoint.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Where each tensor of a weight image goes.
 *
 * @param slots in blob order
 * @param segmentBytes size of each segment
 */
record ImagePlan(List<Slot> slots, List<Integer> segmentBytes) {
    private static final long SEGMENT_BYTES = 1L << 30;
    private static final long MAX_TENSOR_BYTES = Integer.MAX_VALUE - 2L * WeightImage.ALIGN_BYTES;

    /**
     * Place of a tensor.
     *
     * @param source name in the checkpoint, the embedding's for a tied head
     * @param transposed whether it is turned while loading
     * @param shape as it lies in the image
     * @param segment index of the segment
     * @param offsetBytes in the segment
     */
    record Slot(
            String name,
            String source,
            boolean transposed,
            List<Long> shape,
            int segment,
            int offsetBytes) {
        FloatBuffer in(List<ByteBuffer> segments) {
            int lengthBytes = (int) new TensorSpec(name, shape).elements() * Float.BYTES;
            return segments.get(segment)
                    .slice(offsetBytes, lengthBytes)
                    .order(ByteOrder.nativeOrder())
                    .asFloatBuffer();
        }
    }

    static ImagePlan of(Checkpoint checkpoint, WeightLayout layout) {
        List<Slot> slots = new ArrayList<>();
        List<Integer> segmentBytes = new ArrayList<>();
        long usedBytes = SEGMENT_BYTES;
        for (TensorSpec spec : checkpoint.tensors()) {
            usedBytes = place(slots, segmentBytes, usedBytes, spec, spec.name(), layout);
        }
        if (checkpoint.config().tiedEmbeddings() && layout == WeightLayout.IN_OUT) {
            TensorSpec embedding = checkpoint.tensors().get(0);
            TensorSpec head = new TensorSpec(TensorSpec.HEAD, embedding.shape());
            place(slots, segmentBytes, usedBytes, head, embedding.name(), layout);
        }
        return new ImagePlan(List.copyOf(slots), List.copyOf(segmentBytes));
    }

    /** Adds a tensor to the last segment or to a new one; returns the bytes used of the last. */
    private static long place(
            List<Slot> slots,
            List<Integer> segmentBytes,
            long usedBytes,
            TensorSpec spec,
            String source,
            WeightLayout layout) {
        long paddedBytes = padded(spec);
        boolean fresh = usedBytes + paddedBytes > SEGMENT_BYTES;
        long offsetBytes = fresh ? 0 : usedBytes;
        if (fresh) {
            segmentBytes.add(0);
        }
        int last = segmentBytes.size() - 1;
        segmentBytes.set(last, (int) (offsetBytes + paddedBytes));
        boolean transposed =
                layout == WeightLayout.IN_OUT
                        && spec.shape().size() == 2
                        && !spec.name().equals(TensorSpec.EMBEDDING);
        List<Long> shape =
                transposed ? List.of(spec.shape().get(1), spec.shape().get(0)) : spec.shape();
        slots.add(new Slot(spec.name(), source, transposed, shape, last, (int) offsetBytes));
        return offsetBytes + paddedBytes;
    }

    private static long padded(TensorSpec spec) {
        long tensorBytes = Math.multiplyExact(spec.elements(), Float.BYTES);
        if (tensorBytes > MAX_TENSOR_BYTES) {
            throw new CheckpointException(
                    String.format(
                            "tensor %s takes %d bytes as F32; supported: at most %d",
                            spec.name(), tensorBytes, MAX_TENSOR_BYTES));
        }
        long align = WeightImage.ALIGN_BYTES;
        return (tensorBytes + align - 1) / align * align;
    }

    /** Bytes of all segments. */
    long bytes() {
        return segmentBytes.stream().mapToLong(Integer::longValue).sum();
    }
}
