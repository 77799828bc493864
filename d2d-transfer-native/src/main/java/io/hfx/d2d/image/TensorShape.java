package io.hfx.d2d.image;

import java.util.List;

/**
 * A tensor to be placed in an image.
 *
 * @param name 1 to 512 characters; not {@code __metadata__}, and not beginning with {@code
 *     hfx.pad.}
 * @param shape outermost dimension first; at most 8 dimensions of at least 0; empty for a scalar
 */
public record TensorShape(String name, ElementType type, List<Long> shape) {
    static final int MAX_NAME_CHARS = 512;
    static final int MAX_DIMENSIONS = 8;
    static final String METADATA = "__metadata__";
    static final String PAD_PREFIX = "hfx.pad.";

    /**
     * Checks name and shape.
     *
     * @throws IllegalArgumentException naming the tensor and what is wrong with it
     */
    public TensorShape {
        shape = List.copyOf(shape);
        if (name.isEmpty() || name.length() > MAX_NAME_CHARS) {
            throw new IllegalArgumentException(
                    "a tensor's name has "
                            + name.length()
                            + " characters; allowed: 1 to "
                            + MAX_NAME_CHARS);
        }
        if (name.equals(METADATA) || name.startsWith(PAD_PREFIX)) {
            throw new IllegalArgumentException("tensor " + name + ": the name is reserved");
        }
        if (shape.size() > MAX_DIMENSIONS || shape.stream().anyMatch(size -> size < 0)) {
            throw new IllegalArgumentException(
                    String.format(
                            "tensor %s: shape is %s; allowed: at most %d dimensions of at least 0",
                            name, shape, MAX_DIMENSIONS));
        }
    }

    /**
     * Bytes of all elements.
     *
     * @throws ArithmeticException if they are more than a long can say
     */
    public long lengthBytes() {
        if (shape.contains(0L)) {
            return 0;
        }
        return shape.stream().reduce((long) type.bytes(), Math::multiplyExact);
    }
}
