package io.hfx.d2d.device;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** A device of the native library. */
final class NativeDevice implements Device {
    private final Kind kind;
    private final int ordinal;
    private final Handle handle;

    private NativeDevice(Kind kind, int ordinal, long number) {
        this.kind = kind;
        this.ordinal = ordinal;
        this.handle = new Handle(this, number, "device");
    }

    static NativeDevice open(Kind kind, int ordinal) {
        return new NativeDevice(kind, ordinal, Native.open(nameOf(kind), kind.library(), ordinal));
    }

    static int countOf(Kind kind) {
        return Native.count(nameOf(kind), kind.library());
    }

    private static String nameOf(Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Kind kind() {
        return kind;
    }

    @Override
    public int ordinal() {
        return ordinal;
    }

    @Override
    public DeviceMemory allocate(long bytes) {
        return memory(Native.allocate(handle.number(), bytes, false));
    }

    @Override
    public DeviceMemory allocateShareable(long bytes) {
        return memory(Native.allocate(handle.number(), bytes, true));
    }

    @Override
    public DeviceMemory attach(Path socket, Duration timeout) {
        long timeoutMillis = Math.max(0, timeout.toMillis());
        return memory(Native.attach(handle.number(), socket.toString(), timeoutMillis));
    }

    @Override
    public boolean shares() {
        return kind == Kind.HOST;
    }

    private NativeMemory memory(long number) {
        return new NativeMemory(number, kind == Kind.HOST);
    }

    @Override
    public void close() {
        handle.close();
    }
}
