package io.hfx.d2d.device;

import java.lang.ref.Reference;
import java.time.Duration;

/** A copy of the native library. */
final class NativeCopy implements CopyJob {
    /** How soon a waiting thread sees that it was interrupted. */
    private static final long SLICE_MILLIS = 50;

    private final Handle handle;
    private final long totalBytes;

    NativeCopy(
            NativeMemory from,
            long fromOffset,
            NativeMemory to,
            long toOffset,
            long bytes,
            Options options) {
        totalBytes = bytes;
        handle =
                new Handle(
                        this,
                        Native.copy(
                                to.number(),
                                toOffset,
                                from.number(),
                                fromOffset,
                                bytes,
                                options.chunkBytes(),
                                options.lanes()),
                        "copy");
    }

    @Override
    public long totalBytes() {
        return totalBytes;
    }

    @Override
    public long doneBytes() {
        return Native.doneBytes(handle.number());
    }

    @Override
    public void cancel() {
        Native.cancel(handle.number());
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
        try {
            long deadline = System.nanoTime() + timeout.toNanos();
            while (true) {
                long leftMillis = Math.max(0, deadline - System.nanoTime()) / 1_000_000;
                if (Native.await(handle.number(), Math.min(leftMillis, SLICE_MILLIS))) {
                    return true;
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                if (leftMillis == 0) {
                    return false;
                }
            }
        } finally {
            // Otherwise the collector could take an awaited job for a forgotten one, and stop it.
            Reference.reachabilityFence(this);
        }
    }

    @Override
    public void close() {
        handle.close();
    }
}
