package io.hfx.d2d.image;

/**
 * A tensor in an image.
 *
 * @param offsetBytes of its first byte from the start of the blob; a multiple of {@value
 *     ImageLayout#ALIGN_BYTES}
 */
public record ImageTensor(TensorShape shape, long offsetBytes) {
    public String name() {
        return shape.name();
    }

    public long lengthBytes() {
        return shape.lengthBytes();
    }

    /** One past the last byte. */
    public long endBytes() {
        return offsetBytes + lengthBytes();
    }
}
