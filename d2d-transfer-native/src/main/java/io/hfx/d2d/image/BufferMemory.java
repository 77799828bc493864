package io.hfx.d2d.image;

import io.hfx.d2d.image.ImageException.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory of the JDK's own buffers: direct ones, or a mapped file. Close only forgets them; the
 * garbage collector gives the memory back when no view is reachable, so a late view is never wild.
 */
public final class BufferMemory implements ImageMemory {
    private final List<ByteBuffer> segments;
    private final long bytes;
    private volatile boolean closed;

    private BufferMemory(List<ByteBuffer> segments) {
        this.segments = List.copyOf(segments);
        this.bytes = segments.stream().mapToLong(ByteBuffer::capacity).sum();
    }

    /**
     * Direct memory, each segment at a multiple of 2 MiB. Counts against {@code
     * -XX:MaxDirectMemorySize}.
     */
    public static BufferMemory direct(List<Integer> segmentBytes) {
        List<ByteBuffer> segments = new ArrayList<>();
        int align = ImageLayout.BLOB_ALIGN_BYTES;
        try {
            for (int size : segmentBytes) {
                segments.add(
                        ByteBuffer.allocateDirect(size + align)
                                .alignedSlice(align)
                                .limit(size)
                                .slice());
            }
        } catch (OutOfMemoryError e) {
            long wanted = segmentBytes.stream().mapToLong(Integer::longValue).sum();
            throw new ImageException(
                    Fault.NO_MEMORY,
                    String.format(
                            "the image takes %d MiB of direct memory, more than is left: start Java"
                                    + " with a larger -XX:MaxDirectMemorySize",
                            wanted >> 20),
                    e);
        }
        return new BufferMemory(segments);
    }

    /** Read-only views of a file's segments, which lie one after the other from {@code start}. */
    static BufferMemory mapped(FileChannel file, long start, List<Integer> segmentBytes)
            throws IOException {
        List<ByteBuffer> segments = new ArrayList<>();
        long at = start;
        for (int size : segmentBytes) {
            segments.add(file.map(FileChannel.MapMode.READ_ONLY, at, size));
            at += size;
        }
        return new BufferMemory(segments);
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public ByteBuffer slice(long offsetBytes, int lengthBytes) {
        if (closed) {
            throw new IllegalStateException("the memory of the image is closed");
        }
        long at = offsetBytes;
        for (ByteBuffer segment : segments) {
            if (at >= 0 && lengthBytes >= 0 && at + lengthBytes <= segment.capacity()) {
                return segment.slice((int) at, lengthBytes).order(ByteOrder.LITTLE_ENDIAN);
            }
            at -= segment.capacity();
        }
        throw new IndexOutOfBoundsException(
                String.format(
                        "%d bytes from %d do not lie in one segment of the image's %d bytes",
                        lengthBytes, offsetBytes, bytes));
    }

    @Override
    public void close() {
        closed = true;
    }
}
