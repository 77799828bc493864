package io.hfx.d2d.image;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Memory that holds the blob of an image, in segments. Any number of threads may use it; who writes
 * where is its users' agreement.
 */
public interface ImageMemory extends AutoCloseable {
    /** Gets memory for the segments of an image. */
    @FunctionalInterface
    interface Allocator {
        /**
         * Gets the memory for one image.
         *
         * @param segmentBytes size of each segment, multiples of 2 MiB, under 2 GiB
         * @throws ImageException with the fault {@code NO_MEMORY} if there is not enough
         */
        ImageMemory allocate(List<Integer> segmentBytes);
    }

    /** Bytes of all segments. */
    long bytes();

    /**
     * A view, of position 0 and little-endian order, that is writable unless the memory is
     * read-only.
     *
     * @throws IndexOutOfBoundsException if the bytes do not lie in one segment
     * @throws IllegalStateException after close
     */
    ByteBuffer slice(long offsetBytes, int lengthBytes);

    /** Lets the memory go. Only when no view is in use any more. A second call has no effect. */
    @Override
    void close();
}
