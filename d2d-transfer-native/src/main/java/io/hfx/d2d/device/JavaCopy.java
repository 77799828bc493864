package io.hfx.d2d.device;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** A copy between Java's host memories: lanes take chunks from one counter until none is left. */
final class JavaCopy implements CopyJob {
    private final List<ByteBuffer> source;
    private final List<ByteBuffer> target;
    private final JavaMemory written;
    private final long fromOffset;
    private final long toOffset;
    private final long totalBytes;
    private final long chunkBytes;
    private final AtomicLong next = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicInteger running;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopped;
    private volatile boolean closed;

    JavaCopy(
            JavaMemory from,
            long fromOffset,
            JavaMemory to,
            long toOffset,
            long bytes,
            Options options) {
        if (from == to && fromOffset < toOffset + bytes && toOffset < fromOffset + bytes) {
            throw new DeviceException(
                    DeviceException.Code.INVALID, "source and destination overlap");
        }
        this.source = from.segments();
        this.target = to.segments();
        this.written = to;
        this.fromOffset = fromOffset;
        this.toOffset = toOffset;
        this.totalBytes = bytes;
        this.chunkBytes = options.chunkBytes();
        this.running = new AtomicInteger(options.lanes());
        to.beginWrite();
        for (int lane = 0; lane < options.lanes(); lane++) {
            Thread thread = new Thread(this::runLane, "hfx-d2d-copy-" + lane);
            thread.setDaemon(true);
            try {
                thread.start();
            } catch (OutOfMemoryError e) {
                laneEnded(); // the other lanes do its work; without any, the copy ends unfinished
            }
        }
    }

    private void runLane() {
        try {
            while (!stopped) {
                long at = next.getAndAdd(chunkBytes);
                if (at >= totalBytes) {
                    break;
                }
                long bytes = Math.min(chunkBytes, totalBytes - at);
                copyChunk(at, bytes);
                done.addAndGet(bytes);
            }
        } finally {
            laneEnded();
        }
    }

    private void laneEnded() {
        if (running.decrementAndGet() == 0) {
            written.endWrite();
            ended.countDown();
        }
    }

    /** Piece by piece, where a segment of either side ends inside the chunk. */
    private void copyChunk(long start, long bytes) {
        long end = start + bytes;
        for (long at = start; at < end; ) {
            long from = fromOffset + at;
            long to = toOffset + at;
            long room = DeviceMemory.SEGMENT_BYTES;
            int piece = (int) Math.min(end - at, Math.min(room - from % room, room - to % room));
            JavaMemory.slice(target, to, piece).put(JavaMemory.slice(source, from, piece));
            at += piece;
        }
    }

    @Override
    public long totalBytes() {
        return totalBytes;
    }

    @Override
    public long doneBytes() {
        checkOpen();
        return done.get();
    }

    @Override
    public void cancel() {
        checkOpen();
        stopped = true;
    }

    @Override
    public boolean await(Duration timeout) throws InterruptedException {
        checkOpen();
        if (!ended.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            return false;
        }
        if (done.get() < totalBytes) {
            throw new DeviceException(
                    DeviceException.Code.CANCELLED,
                    "cancelled after " + done.get() + " of " + totalBytes + " bytes");
        }
        return true;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the copy is closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        stopped = true;
        boolean interrupted = false;
        while (true) {
            try {
                ended.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
