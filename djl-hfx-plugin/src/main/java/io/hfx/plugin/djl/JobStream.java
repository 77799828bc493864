package io.hfx.plugin.djl;

import ai.djl.inference.streaming.PublisherBytesSupplier;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stream that DJL Serving's handler subscribes to. The publisher that it extends makes whoever
 * appends wait until somebody has subscribed; this one keeps what comes before, up to a bound. The
 * one subscriber is called one call at a time, in order. Thread-safe.
 */
final class JobStream extends PublisherBytesSupplier {
    private final int boundBytes;
    private final Deque<byte[]> early = new ArrayDeque<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private long earlyBytes;
    private boolean over;
    private @Nullable Consumer<byte[]> subscriber;

    JobStream(int boundBytes) {
        this.boundBytes = boundBytes;
    }

    /** Adds a chunk; false where nobody reads and the bound is reached, which ends the stream. */
    synchronized boolean append(byte[] chunk) {
        if (over) {
            return false;
        }
        if (subscriber != null) {
            subscriber.accept(chunk);
            return true;
        }
        early.add(chunk);
        earlyBytes += chunk.length;
        over = earlyBytes > boundBytes;
        return !over;
    }

    /** Adds the last chunk and ends the stream. */
    synchronized void end(byte[] chunk) {
        if (!over) {
            append(chunk);
            over = true;
            tellEnd();
        }
    }

    @Override
    public void appendContent(byte[] data, boolean lastChunk) {
        if (lastChunk) {
            end(data);
        } else {
            append(data);
        }
    }

    @Override
    public synchronized CompletableFuture<Void> subscribe(Consumer<byte[]> reader) {
        if (subscriber != null) {
            throw new IllegalStateException("the stream has a subscriber already");
        }
        subscriber = reader;
        early.forEach(reader);
        early.clear();
        if (over) {
            tellEnd();
        }
        return ended;
    }

    /** The handler takes null for the end. */
    @SuppressWarnings("NullAway") // as DJL has it
    private void tellEnd() {
        if (subscriber != null) {
            subscriber.accept(null);
            ended.complete(null);
        }
    }
}
