package io.hfx.d2d.device;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The native library's functions, as {@code jni.cpp} has them. Handles are numbers that are never
 * used twice: a closed one is refused, so no call here can reach freed memory. All throw {@link
 * DeviceException}; {@code hfx_d2d.h} says what each does.
 */
final class Native {
    /** {@code HFX_D2D_ABI} of the header that this class was written for. */
    static final int ABI = 1;

    private Native() {}

    static native int abi();

    static native long open(String kind, @Nullable String library, int ordinal);

    static native int count(String kind, @Nullable String library);

    static native long allocate(long device, long bytes, boolean shareable);

    static native long retain(long memory);

    static native ByteBuffer view(long memory, long offset, int bytes);

    static native long bytes(long memory);

    static native boolean readOnly(long memory);

    static native void seal(long memory);

    static native byte[] label(long memory);

    static native long copy(
            long to,
            long toOffset,
            long from,
            long fromOffset,
            long bytes,
            long chunkBytes,
            int lanes);

    static native long doneBytes(long copy);

    static native void cancel(long copy);

    static native boolean await(long copy, long timeoutMillis);

    static native long offer(long memory, String path, byte[] label);

    static native int leases(long offer);

    static native long attach(long device, String path, long timeoutMillis);

    static native void release(long handle);

    static native long[] counts();
}
