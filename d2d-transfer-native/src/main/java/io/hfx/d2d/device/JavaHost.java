package io.hfx.d2d.device;

import java.nio.file.Path;
import java.time.Duration;

/** The host without the native library: direct buffers, which the garbage collector frees. */
final class JavaHost implements Device {
    @Override
    public Kind kind() {
        return Kind.HOST;
    }

    @Override
    public int ordinal() {
        return 0;
    }

    @Override
    public DeviceMemory allocate(long bytes) {
        return new JavaMemory(bytes);
    }

    @Override
    public DeviceMemory allocateShareable(long bytes) {
        throw unshared();
    }

    @Override
    public DeviceMemory attach(Path socket, Duration timeout) {
        throw unshared();
    }

    @Override
    public boolean shares() {
        return false;
    }

    static DeviceException unshared() {
        return new DeviceException(
                DeviceException.Code.UNSUPPORTED,
                "memory is shared between processes by the native library only, which is missing: "
                        + NativeLibrary.missing().orElse(""));
    }

    @Override
    public void close() {}
}
