package io.hfx.d2d.device;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Memory of the native library. */
final class NativeMemory implements DeviceMemory {
    private final Handle handle;
    private final boolean onHost;
    private final long bytes;

    NativeMemory(long number, boolean onHost) {
        this.handle = new Handle(this, number, "memory");
        this.onHost = onHost;
        this.bytes = Native.bytes(number);
    }

    long number() {
        return handle.number();
    }

    @Override
    public long bytes() {
        handle.number();
        return bytes;
    }

    @Override
    public boolean readOnly() {
        return Native.readOnly(handle.number());
    }

    @Override
    public byte[] label() {
        return Native.label(handle.number());
    }

    /** Each view has a handle of its own, released when the buffer and its slices are gone. */
    @Override
    public ByteBuffer view(long offset, int length) {
        boolean readOnly = readOnly();
        if (!onHost) {
            throw new DeviceException(
                    DeviceException.Code.UNSUPPORTED, "only host memory can be viewed");
        }
        DeviceMemory.checkView(bytes, offset, length);
        long again = Native.retain(handle.number());
        ByteBuffer buffer;
        try {
            buffer = Native.view(again, offset, length);
        } catch (RuntimeException | Error e) {
            Native.release(again);
            throw e;
        }
        Handle.releaseWith(buffer, again);
        return readOnly ? buffer.asReadOnlyBuffer() : buffer;
    }

    @Override
    public void seal() {
        Native.seal(handle.number());
    }

    @Override
    public Offer offer(Path socket, byte[] label) {
        return new Offer(socket, Native.offer(handle.number(), socket.toString(), label));
    }

    @Override
    public void close() {
        handle.close();
    }
}
