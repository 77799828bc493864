package io.hfx.d2d.device;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Host memory in direct buffers of at most a segment each; zeroed, and so faulted in, by the JVM.
 */
final class JavaMemory implements DeviceMemory {
    private final long bytes;
    private @Nullable List<ByteBuffer> segments;
    private boolean sealed;
    private int writers;

    JavaMemory(long bytes) {
        if (bytes < 1) {
            throw new DeviceException(DeviceException.Code.INVALID, "bytes must be at least 1");
        }
        this.bytes = bytes;
        List<ByteBuffer> made = new ArrayList<>();
        try {
            for (long at = 0; at < bytes; at += SEGMENT_BYTES) {
                made.add(ByteBuffer.allocateDirect((int) Math.min(SEGMENT_BYTES, bytes - at)));
            }
        } catch (OutOfMemoryError e) {
            throw new DeviceException(
                    DeviceException.Code.NO_MEMORY, bytes + " bytes: " + e.getMessage());
        }
        segments = List.copyOf(made);
    }

    synchronized List<ByteBuffer> segments() {
        if (segments == null) {
            throw new IllegalStateException("the memory is closed");
        }
        return segments;
    }

    @Override
    public long bytes() {
        segments();
        return bytes;
    }

    @Override
    public synchronized boolean readOnly() {
        segments();
        return sealed;
    }

    @Override
    public byte[] label() {
        segments();
        return new byte[0];
    }

    @Override
    public ByteBuffer view(long offset, int length) {
        DeviceMemory.checkView(bytes(), offset, length);
        checkSegment(offset, length);
        ByteBuffer view = slice(segments(), offset, length);
        return readOnly() ? view.asReadOnlyBuffer() : view;
    }

    /** Checks that a range crosses no segment's end. */
    static void checkSegment(long offset, int length) {
        if (length > 0 && offset / SEGMENT_BYTES != (offset + length - 1) / SEGMENT_BYTES) {
            throw new DeviceException(
                    DeviceException.Code.INVALID,
                    String.format(
                            "a view of %d bytes from %d crosses a multiple of %d",
                            length, offset, SEGMENT_BYTES));
        }
    }

    /** A part that crosses no segment's end. */
    static ByteBuffer slice(List<ByteBuffer> segments, long offset, int length) {
        int last = (int) Math.min(offset / SEGMENT_BYTES, segments.size() - 1L);
        return segments.get(last).slice((int) (offset - last * SEGMENT_BYTES), length);
    }

    @Override
    public synchronized void seal() {
        segments();
        if (writers > 0) {
            throw new DeviceException(
                    DeviceException.Code.INVALID, "a copy into the memory is under way");
        }
        sealed = true;
    }

    synchronized void beginWrite() {
        segments();
        if (sealed) {
            throw new DeviceException(DeviceException.Code.INVALID, "the destination is read-only");
        }
        writers++;
    }

    synchronized void endWrite() {
        writers--;
    }

    @Override
    public Offer offer(Path socket, byte[] label) {
        throw JavaHost.unshared();
    }

    @Override
    public synchronized void close() {
        segments = null;
    }
}
