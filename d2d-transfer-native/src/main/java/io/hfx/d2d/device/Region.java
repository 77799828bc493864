package io.hfx.d2d.device;

import java.nio.ByteBuffer;

/**
 * A range of a device's memory.
 *
 * @param offset its first byte, from the start of the memory
 * @param bytes at least 0; the range lies inside the memory
 */
public record Region(DeviceMemory memory, long offset, long bytes) {
    public Region {
        if (offset < 0 || bytes < 0 || offset > memory.bytes() - bytes) {
            throw new IllegalArgumentException(
                    bytes + " bytes from " + offset + " are not inside " + memory.bytes());
        }
    }

    /** {@link DeviceMemory#view} of the whole region. */
    public ByteBuffer view() {
        return memory.view(offset, Math.toIntExact(bytes));
    }
}
