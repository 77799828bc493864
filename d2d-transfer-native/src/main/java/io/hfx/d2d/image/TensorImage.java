package io.hfx.d2d.image;

import io.hfx.d2d.image.ImageException.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A whole weight image in memory, read-only, for any number of threads. Values are little-endian.
 *
 * <p>The image owns its memory: closing it closes that, after the last use of any view and after
 * whatever serves it to others.
 */
public final class TensorImage implements AutoCloseable {
    /** Bytes of a tensor to be put into an image. */
    @FunctionalInterface
    public interface Source {
        /**
         * Puts a tensor's bytes into the buffers, in order, until none has room: one buffer, or
         * several for a tensor larger than a segment.
         */
        void fill(TensorShape shape, List<ByteBuffer> into);
    }

    private final ImageManifest manifest;
    private final ImageMemory memory;
    private final Map<String, ImageTensor> tensors = new HashMap<>();

    /**
     * Joins a manifest and the memory that holds its blob; nothing is read.
     *
     * @throws ImageException if the memory is not as large as the blob
     */
    public TensorImage(ImageManifest manifest, ImageMemory memory) {
        if (memory.bytes() != manifest.layout().blobBytes()) {
            throw new ImageException(
                    Fault.TRUNCATED,
                    String.format(
                            "%d bytes of memory for a blob of %d",
                            memory.bytes(), manifest.layout().blobBytes()));
        }
        this.manifest = manifest;
        this.memory = memory;
        manifest.layout().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    }

    /**
     * Builds an image: places the tensors, has them filled in blob order, and computes the
     * checksums, all on this thread. The memory is let go if anything fails.
     */
    public static TensorImage build(
            ImageKey key,
            List<TensorShape> shapes,
            ImageMemory.Allocator allocator,
            Source source) {
        return build(key, shapes, Chunks.DEFAULT_BYTES, allocator, source);
    }

    /**
     * As above, cut into chunks of another size.
     *
     * @param chunkBytes a power of two from 64 KiB to 64 MiB
     */
    public static TensorImage build(
            ImageKey key,
            List<TensorShape> shapes,
            int chunkBytes,
            ImageMemory.Allocator allocator,
            Source source) {
        try (ImageDraft draft = ImageDraft.of(shapes, chunkBytes, allocator)) {
            for (TensorShape shape : shapes) {
                fill(shape, draft.room(shape.name()), source);
            }
            return draft.seal(key);
        }
    }

    private static void fill(TensorShape shape, List<ByteBuffer> pieces, Source source) {
        source.fill(shape, pieces);
        for (ByteBuffer piece : pieces) {
            if (piece.hasRemaining()) {
                throw new IllegalStateException(
                        String.format(
                                "the source of tensor %s left %d bytes unfilled",
                                shape.name(), piece.remaining()));
            }
        }
    }

    public ImageManifest manifest() {
        return manifest;
    }

    /** What it lies in; stays the image's to close. */
    public ImageMemory memory() {
        return memory;
    }

    /**
     * A read-only view of a tensor's bytes.
     *
     * @throws IllegalArgumentException if there is no such tensor, or it is larger than a segment
     *     and so has {@link #pieces} only
     */
    public ByteBuffer tensor(String name) {
        List<ByteBuffer> pieces = pieces(name);
        if (pieces.size() > 1) {
            throw new IllegalArgumentException("tensor " + name + " is larger than a segment");
        }
        return pieces.get(0);
    }

    /** Read-only views of a tensor's bytes, in order. */
    public List<ByteBuffer> pieces(String name) {
        return manifest.layout().pieces(memory, find(name)).stream()
                .map(TensorImage::readOnly)
                .toList();
    }

    /** The chunks that hold a tensor, in order. */
    public IntStream chunks(String name) {
        return manifest.chunks().of(find(name));
    }

    private ImageTensor find(String name) {
        ImageTensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return tensor;
    }

    /** A read-only view of a chunk. */
    public ByteBuffer chunk(int index) {
        return readOnly(manifest.chunks().in(memory, index));
    }

    private static ByteBuffer readOnly(ByteBuffer bytes) {
        return bytes.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads every byte and compares the checksums, on the common pool.
     *
     * @param where what the message of a refusal begins with
     * @throws ImageException naming the first chunk that differs
     */
    public void verify(String where) {
        Chunks chunks = manifest.chunks();
        OptionalInt bad =
                IntStream.range(0, chunks.count())
                        .parallel()
                        .filter(i -> checksum(i) != manifest.checksum(i))
                        .min();
        if (bad.isPresent()) {
            int i = bad.getAsInt();
            throw new ImageException(
                    Fault.CORRUPT,
                    String.format(
                            "%s: chunk %d (bytes %d to %d of the blob) has CRC32C %08x;"
                                    + " expected: %08x",
                            where,
                            i,
                            chunks.offsetBytes(i),
                            chunks.offsetBytes(i) + chunks.lengthBytes(i),
                            checksum(i),
                            manifest.checksum(i)));
        }
    }

    private int checksum(int chunk) {
        return Chunks.crc32c(manifest.chunks().in(memory, chunk));
    }

    @Override
    public void close() {
        memory.close();
    }
}
