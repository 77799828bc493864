package io.hfx.d2d.device;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A device with memory: the host, a GPU or an NPU. May be used by any number of threads. Memory
 * keeps its device alive, so the device may be closed first.
 *
 * <p>The host is always there: through the native library, or, where that is absent, through Java
 * (then nothing can be shared between processes). A process has one of the two.
 */
public sealed interface Device extends AutoCloseable permits NativeDevice, JavaHost {
    /** What kind of device, and where its driver is. */
    enum Kind {
        HOST(""),
        /** NVIDIA GPUs: {@code libcuda.so.1}, or the file of {@code hfx.d2d.cuda.library}. */
        CUDA("hfx.d2d.cuda.library"),
        /** Ascend NPUs: {@code libascendcl.so}, or the file of {@code hfx.d2d.ascend.library}. */
        ASCEND("hfx.d2d.ascend.library");

        private final String libraryProperty;

        Kind(String libraryProperty) {
            this.libraryProperty = libraryProperty;
        }

        /** The driver's file; null for the usual one. */
        @Nullable String library() {
            return libraryProperty.isEmpty() ? null : System.getProperty(libraryProperty);
        }
    }

    /** The host, which never fails to open. */
    static Device host() {
        return NativeLibrary.loaded() ? NativeDevice.open(Kind.HOST, 0) : new JavaHost();
    }

    /**
     * Opens a device.
     *
     * @param ordinal from 0
     * @throws DeviceException {@code UNAVAILABLE}, with the reason, where there is no such device,
     *     no driver, or no native library
     */
    static Device open(Kind kind, int ordinal) {
        if (kind == Kind.HOST && ordinal == 0) {
            return host();
        }
        requireLibrary();
        return NativeDevice.open(kind, ordinal);
    }

    /**
     * How many devices of a kind there are.
     *
     * @throws DeviceException {@code UNAVAILABLE}, with the reason, where there is no driver or no
     *     native library
     */
    static int count(Kind kind) {
        if (kind == Kind.HOST) {
            return 1;
        }
        requireLibrary();
        return NativeDevice.countOf(kind);
    }

    private static void requireLibrary() {
        NativeLibrary.missing()
                .ifPresent(
                        why -> {
                            throw new DeviceException(DeviceException.Code.UNAVAILABLE, why);
                        });
    }

    Kind kind();

    int ordinal();

    /**
     * Allocates zeroed host memory, or device memory of any content. Host memory is faulted in
     * before this returns, which takes longer than a copy of as many bytes: allocate early and use
     * again ({@link Arena}).
     *
     * @param bytes at least 1
     * @throws DeviceException {@code NO_MEMORY}
     */
    DeviceMemory allocate(long bytes);

    /**
     * As {@link #allocate}, but host memory can be offered to other processes. It may have smaller
     * pages. Device memory can be offered either way.
     *
     * @throws DeviceException {@code UNSUPPORTED} without the native library
     */
    DeviceMemory allocateShareable(long bytes);

    /**
     * Attaches, read-only and without a copy, to memory that a process of the same user on this
     * host {@linkplain DeviceMemory#offer offers}.
     *
     * @param socket where the other process offers it
     * @throws DeviceException {@code IO} where nobody offers there, {@code TIMEOUT}, {@code
     *     INVALID} where the memory is of another kind of device
     */
    DeviceMemory attach(Path socket, Duration timeout);

    /** Whether this is the host with the native library, whose memory processes can share. */
    boolean shares();

    @Override
    void close();
}
