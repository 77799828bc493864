package io.hfx.d2d.image;

import io.hfx.d2d.image.ImageException.Fault;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Where each tensor of an image lies. Tensors keep the order given (that in which a step reads
 * them), each at a multiple of {@value #ALIGN_BYTES} bytes. The blob is cut into segments, each a
 * multiple of 2 MiB and under 2 GiB: a tensor that fits into one lies in one; a larger one begins a
 * segment and goes on through the next ones. What no tensor covers is zero.
 *
 * @param tensors in blob order
 * @param segmentBytes size of each segment
 */
public record ImageLayout(List<ImageTensor> tensors, List<Integer> segmentBytes) {
    /** Alignment of every tensor in the blob: a page. */
    public static final int ALIGN_BYTES = 4096;

    /** Alignment of the blob, in memory and in a file, and of each segment: a huge page. */
    public static final int BLOB_ALIGN_BYTES = 2 << 20;

    /** Largest segment, 4 MiB under 2 GiB: what a ByteBuffer can view with room to align it. */
    public static final int MAX_SEGMENT_BYTES = Integer.MAX_VALUE - (4 << 20) + 1;

    static final int MAX_TENSORS = 100_000;
    static final long MAX_BLOB_BYTES = 1L << 44;

    public ImageLayout {
        tensors = List.copyOf(tensors);
        segmentBytes = List.copyOf(segmentBytes);
    }

    /**
     * Places tensors in the order given.
     *
     * @throws ImageException if there are none, too many, two of a name, or too large ones
     */
    public static ImageLayout of(List<TensorShape> shapes) {
        checkCount("the image", shapes.size());
        Placing placing = new Placing(MAX_SEGMENT_BYTES);
        Set<String> names = new HashSet<>();
        for (TensorShape shape : shapes) {
            if (!names.add(shape.name())) {
                throw new ImageException(
                        Fault.UNSUPPORTED, "two tensors have the name " + shape.name());
            }
            placing.place(shape);
        }
        return placing.end();
    }

    static void checkCount(String where, int tensors) {
        if (tensors < 1 || tensors > MAX_TENSORS) {
            throw new ImageException(
                    Fault.UNSUPPORTED,
                    where + " has " + tensors + " tensors; allowed: 1 to " + MAX_TENSORS);
        }
    }

    /** Bytes of all segments. */
    public long blobBytes() {
        return segmentBytes.stream().mapToLong(Integer::longValue).sum();
    }

    /** Writable views of a tensor's bytes, in order: one, or several for one over a segment. */
    public List<ByteBuffer> pieces(ImageMemory memory, ImageTensor tensor) {
        List<ByteBuffer> pieces = new ArrayList<>();
        long segmentStart = 0;
        for (int bytes : segmentBytes) {
            long from = Math.max(tensor.offsetBytes(), segmentStart);
            long to = Math.min(tensor.endBytes(), segmentStart + bytes);
            if (from < to) {
                pieces.add(memory.slice(from, (int) (to - from)));
            }
            segmentStart += bytes;
        }
        return pieces.isEmpty() ? List.of(memory.slice(0, 0)) : pieces;
    }

    /** Writes zero wherever no tensor lies. */
    void clearPadding(ImageMemory memory) {
        long at = 0;
        for (ImageTensor tensor : tensors) {
            clear(memory, at, tensor.offsetBytes());
            at = tensor.endBytes();
        }
        clear(memory, at, blobBytes());
    }

    /**
     * The gap lies inside one segment: segments end less than a segment's alignment after a tensor.
     */
    private void clear(ImageMemory memory, long from, long to) {
        if (from < to) {
            ByteBuffer gap = memory.slice(from, (int) (to - from));
            while (gap.hasRemaining()) {
                gap.put((byte) 0);
            }
        }
    }

    /** The state of placing one tensor after the other; the limit is smaller in tests. */
    static final class Placing {
        private final int maxSegmentBytes;
        private final List<ImageTensor> tensors = new ArrayList<>();
        private final List<Integer> segmentBytes = new ArrayList<>();
        private long segmentStart;
        private long at;

        Placing(int maxSegmentBytes) {
            this.maxSegmentBytes = maxSegmentBytes;
        }

        void place(TensorShape shape) {
            long lengthBytes = length(shape);
            long start = up(at, ALIGN_BYTES);
            if (start > segmentStart && start + lengthBytes > segmentStart + maxSegmentBytes) {
                endSegments();
                start = segmentStart;
            }
            tensors.add(new ImageTensor(shape, start));
            at = start + lengthBytes;
        }

        private static long length(TensorShape shape) {
            long lengthBytes;
            try {
                lengthBytes = shape.lengthBytes();
            } catch (ArithmeticException e) {
                throw new ImageException(Fault.UNSUPPORTED, tooLarge(shape), e);
            }
            if (lengthBytes > MAX_BLOB_BYTES) {
                throw new ImageException(Fault.UNSUPPORTED, tooLarge(shape));
            }
            return lengthBytes;
        }

        private static String tooLarge(TensorShape shape) {
            return String.format(
                    "tensor %s %s is larger than %d bytes",
                    shape.name(), shape.shape(), MAX_BLOB_BYTES);
        }

        private void endSegments() {
            long end = up(at, BLOB_ALIGN_BYTES);
            if (end > MAX_BLOB_BYTES) {
                throw new ImageException(
                        Fault.UNSUPPORTED, "the image is larger than " + MAX_BLOB_BYTES + " bytes");
            }
            while (segmentStart < end) {
                int bytes = (int) Math.min(maxSegmentBytes, end - segmentStart);
                segmentBytes.add(bytes);
                segmentStart += bytes;
            }
            at = segmentStart;
        }

        ImageLayout end() {
            at = Math.max(at, 1);
            endSegments();
            return new ImageLayout(tensors, segmentBytes);
        }

        private static long up(long value, long multiple) {
            return (value + multiple - 1) / multiple * multiple;
        }
    }
}
