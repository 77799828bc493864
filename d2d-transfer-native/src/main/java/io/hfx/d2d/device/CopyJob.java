package io.hfx.d2d.device;

import java.time.Duration;

/**
 * A copy that runs on threads of its own, in chunks, several of them under way at a time. It keeps
 * both memories alive. A job that nobody refers to is cancelled by the garbage collector.
 */
public sealed interface CopyJob extends AutoCloseable permits NativeCopy, JavaCopy {
    /**
     * How a copy is cut.
     *
     * @param chunkBytes 4 KiB or more; what cancelling and {@link #doneBytes} are exact to
     * @param lanes 1 to 16: threads, each with an own stream where the device has them
     */
    record Options(long chunkBytes, int lanes) {
        /** 16 MiB on two lanes. */
        public static final Options DEFAULT = new Options(16 << 20, 2);

        public Options {
            if (chunkBytes < 4096 || lanes < 1 || lanes > 16) {
                throw new IllegalArgumentException(
                        "a chunk has at least 4096 bytes and a copy 1 to 16 lanes, not "
                                + chunkBytes
                                + " and "
                                + lanes);
            }
        }
    }

    /** As {@link #start(Region, Region, Options)} with {@link Options#DEFAULT}. */
    static CopyJob start(Region from, Region to) {
        return start(from, to, Options.DEFAULT);
    }

    /**
     * Starts a copy between two memories of the host, of the same kind of device, or of one and the
     * other.
     *
     * @throws IllegalArgumentException where the regions differ in length
     * @throws DeviceException {@code INVALID} where the destination is read-only or the regions
     *     overlap, {@code UNSUPPORTED} between a GPU and an NPU
     */
    static CopyJob start(Region from, Region to, Options options) {
        if (from.bytes() != to.bytes()) {
            throw new IllegalArgumentException(
                    "a copy of " + from.bytes() + " bytes into " + to.bytes());
        }
        if (from.memory() instanceof NativeMemory source
                && to.memory() instanceof NativeMemory target) {
            return new NativeCopy(source, from.offset(), target, to.offset(), to.bytes(), options);
        }
        // A process has one way to host memory, and other devices only with the native one.
        return new JavaCopy(
                (JavaMemory) from.memory(),
                from.offset(),
                (JavaMemory) to.memory(),
                to.offset(),
                to.bytes(),
                options);
    }

    long totalBytes();

    /** How many bytes have arrived; never goes down. */
    long doneBytes();

    /** Asks the copy to stop after the chunks under way. Harmless after its end. */
    void cancel();

    /**
     * Waits for the end.
     *
     * @return whether all bytes have arrived; false: the time is over and the copy runs on
     * @throws DeviceException why it failed, {@code CANCELLED} where it was; the destination's
     *     bytes are then undefined
     */
    boolean await(Duration timeout) throws InterruptedException;

    /** Stops the copy if it still runs, and waits for that. A second call does nothing. */
    @Override
    void close();
}
