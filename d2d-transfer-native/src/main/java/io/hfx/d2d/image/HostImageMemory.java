package io.hfx.d2d.image;

import io.hfx.d2d.device.Device;
import io.hfx.d2d.device.DeviceException;
import io.hfx.d2d.device.DeviceMemory;
import io.hfx.d2d.device.Offer;
import io.hfx.d2d.image.ImageException.Fault;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Host memory of the native library: faulted in before it is handed out, on huge pages where the
 * kernel gives them, and, if it was allocated so, fit to be offered to other processes. Views keep
 * it alive after a close.
 */
public final class HostImageMemory implements ImageMemory {
    private final DeviceMemory memory;

    /**
     * @param memory of the host, which this owns from now on
     */
    public HostImageMemory(DeviceMemory memory) {
        this.memory = memory;
    }

    /**
     * Allocates by the native library.
     *
     * @param host with the native library: {@link Device#shares}
     * @param shareable whether {@link #offer} may follow
     */
    public static ImageMemory.Allocator allocator(Device host, boolean shareable) {
        return segmentBytes -> {
            long bytes = segmentBytes.stream().mapToLong(Integer::longValue).sum();
            try {
                return new HostImageMemory(
                        shareable ? host.allocateShareable(bytes) : host.allocate(bytes));
            } catch (DeviceException e) {
                throw new ImageException(
                        Fault.NO_MEMORY,
                        "no " + (bytes >> 20) + " MiB of memory for the image: " + e.getMessage(),
                        e);
            }
        };
    }

    /** The memory itself, which stays this object's to close. */
    public DeviceMemory memory() {
        return memory;
    }

    /** Seals the memory and offers it: {@link DeviceMemory#offer}. */
    public Offer offer(Path socket, byte[] label) {
        return memory.offer(socket, label);
    }

    @Override
    public long bytes() {
        return memory.bytes();
    }

    @Override
    public ByteBuffer slice(long offsetBytes, int lengthBytes) {
        if (offsetBytes < 0 || lengthBytes < 0 || offsetBytes > bytes() - lengthBytes) {
            throw new IndexOutOfBoundsException(
                    lengthBytes + " bytes from " + offsetBytes + " of " + bytes());
        }
        return memory.view(offsetBytes, lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        memory.close();
    }
}
