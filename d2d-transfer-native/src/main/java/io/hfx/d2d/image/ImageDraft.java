package io.hfx.d2d.image;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Room for the tensors of an image, to be filled by any number of threads and then {@linkplain
 * #seal sealed}. Owns the memory until then.
 */
public final class ImageDraft implements AutoCloseable {
    private final ImageLayout layout;
    private final Chunks chunks;
    private final ImageMemory memory;
    private final Map<String, ImageTensor> tensors = new HashMap<>();
    private boolean sealed;

    private ImageDraft(ImageLayout layout, Chunks chunks, ImageMemory memory) {
        this.layout = layout;
        this.chunks = chunks;
        this.memory = memory;
        layout.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
    }

    /**
     * Places the tensors in the order given and takes memory for them.
     *
     * @param chunkBytes a power of two from 64 KiB to 64 MiB
     * @throws ImageException if they cannot be placed, or there is too little memory
     */
    public static ImageDraft of(
            List<TensorShape> shapes, int chunkBytes, ImageMemory.Allocator allocator) {
        ImageLayout layout = ImageLayout.of(shapes);
        Chunks chunks = Chunks.of(layout.segmentBytes(), chunkBytes);
        return new ImageDraft(layout, chunks, allocator.allocate(layout.segmentBytes()));
    }

    /** Bytes of the blob. */
    public long blobBytes() {
        return layout.blobBytes();
    }

    /**
     * Where a tensor's bytes go, little-endian, in order: one buffer, or several for a tensor
     * larger than a segment.
     */
    public List<ByteBuffer> room(String tensor) {
        ImageTensor found = tensors.get(tensor);
        if (found == null) {
            throw new IllegalArgumentException("no tensor " + tensor);
        }
        return layout.pieces(memory, found);
    }

    /** The image, when every tensor is filled: clears the padding and computes the checksums. */
    public TensorImage seal(ImageKey key) {
        layout.clearPadding(memory);
        int[] checksums = chunks.checksums(memory);
        TensorImage image =
                new TensorImage(ImageManifest.of(key, layout, chunks, checksums), memory);
        sealed = true;
        return image;
    }

    /** Lets the memory go, unless the image has it. */
    @Override
    public void close() {
        if (!sealed) {
            memory.close();
        }
    }
}
