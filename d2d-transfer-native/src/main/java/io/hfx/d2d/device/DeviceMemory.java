package io.hfx.d2d.device;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A block of memory of one device. After {@link #close} all methods but that throw {@link
 * IllegalStateException}; views, copies and peers that already use the memory keep it alive until
 * the last of them is done, so nothing ever reads memory that is gone.
 */
public sealed interface DeviceMemory extends AutoCloseable permits NativeMemory, JavaMemory {
    /** Without the native library a view lies between two multiples of this. */
    long SEGMENT_BYTES = 1L << 30;

    /** The longest {@link #label}. */
    int MAX_LABEL_BYTES = 256;

    long bytes();

    /** Sealed, or attached to: no copy goes into it. */
    boolean readOnly();

    /** The words that attached memory was offered with; empty for own memory. */
    byte[] label();

    /**
     * Host memory as a direct buffer in big-endian order; the buffer and all made from it keep the
     * memory alive. It is read-only where the memory is; a view made before {@link #seal} stays
     * writable.
     *
     * @param bytes at least 0; without the native library the range crosses no multiple of {@link
     *     #SEGMENT_BYTES}
     * @throws DeviceException {@code INVALID} for another range, {@code UNSUPPORTED} where this is
     *     not host memory
     */
    ByteBuffer view(long offset, int bytes);

    /**
     * Makes the memory read-only for copies, from now on, and fit to be offered. A second call does
     * nothing.
     *
     * @throws DeviceException {@code INVALID} while a copy into it is under way, and for host
     *     memory that is not shareable
     */
    void seal();

    /**
     * Seals the memory and offers it to processes of the same user on this host until the offer is
     * closed.
     *
     * @param socket the Unix socket to make, at most 107 bytes long, best in a folder of one's own
     * @param label what attaching processes read as {@link #label}
     * @throws DeviceException {@code IO} where the socket cannot be made, {@code UNSUPPORTED}
     *     without the native library, or where the driver cannot share
     */
    Offer offer(Path socket, byte[] label);

    /** A range of it, checked to lie inside. */
    default Region region(long offset, long bytes) {
        return new Region(this, offset, bytes);
    }

    /** The whole of it. */
    default Region all() {
        return region(0, bytes());
    }

    /** Gives the memory up. A second call does nothing. */
    @Override
    void close();

    /** Checks what a caller asks to see. */
    static void checkView(long memoryBytes, long offset, int bytes) {
        if (offset < 0 || bytes < 0 || offset > memoryBytes - bytes) {
            throw new DeviceException(
                    DeviceException.Code.INVALID,
                    "a view of " + bytes + " bytes from " + offset + " of " + memoryBytes);
        }
    }
}
