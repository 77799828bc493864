package io.hfx.d2d.device;

/**
 * One block of memory, handed out piece by piece and then used again as a whole. Pages are faulted
 * in once, when the arena is made: later images and blocks go into warm memory. Owned by one
 * thread.
 */
public final class Arena implements AutoCloseable {
    private final DeviceMemory memory;
    private long used;

    private Arena(DeviceMemory memory) {
        this.memory = memory;
    }

    /** Allocates the block. */
    public static Arena of(Device device, long bytes) {
        return new Arena(device.allocate(bytes));
    }

    /** Allocates the block so that the whole of it can be offered to other processes. */
    public static Arena shareable(Device device, long bytes) {
        return new Arena(device.allocateShareable(bytes));
    }

    public DeviceMemory memory() {
        return memory;
    }

    /** What {@link #take} may still hand out, alignment apart. */
    public long freeBytes() {
        return memory.bytes() - used;
    }

    /**
     * The next piece. One of at most {@link DeviceMemory#SEGMENT_BYTES} can be viewed as a whole.
     *
     * @param bytes at least 0
     * @param alignBytes a power of two, at most 2 MiB
     * @throws DeviceException {@code NO_MEMORY} where too little is left
     */
    public Region take(long bytes, long alignBytes) {
        if (bytes < 0 || alignBytes < 1 || alignBytes > 2 << 20 || Long.bitCount(alignBytes) != 1) {
            throw new IllegalArgumentException(
                    "no piece of " + bytes + " bytes at multiples of " + alignBytes);
        }
        long start = (used + alignBytes - 1) & -alignBytes;
        long segment = DeviceMemory.SEGMENT_BYTES;
        long segmentEnd = (start / segment + 1) * segment;
        if (bytes <= segment && bytes > segmentEnd - start) {
            start = segmentEnd;
        }
        if (start > memory.bytes() || bytes > memory.bytes() - start) {
            throw new DeviceException(
                    DeviceException.Code.NO_MEMORY,
                    bytes + " bytes, and " + freeBytes() + " are left in the arena");
        }
        used = start + bytes;
        return memory.region(start, bytes);
    }

    /** Hands everything out anew; the caller is done with the pieces it has. Contents stay. */
    public void reset() {
        used = 0;
    }

    @Override
    public void close() {
        memory.close();
    }
}
