package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageException;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.image.ImageMemory;
import io.hfx.d2d.image.TensorImage;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An image that comes in chunk by chunk. It keeps its verified chunks from seed to seed and from
 * one run of a clone to the next, and gives single verified chunks to those who relay it; tensors
 * only when every chunk is there. Any thread.
 *
 * <p>Closing it lets its memory go, unless the whole image was handed out, which then owns it.
 * Close it only when no clone fills it and no seed serves it any more.
 */
public final class PartialImage implements ImageSource, AutoCloseable {
    private final ImageMemory.Allocator allocator;
    private final BitSet good = new BitSet();
    private final BitSet claimed = new BitSet();
    private @Nullable ImageManifest manifest;
    private @Nullable ImageMemory memory;
    private long goodBytes;
    private long resentChunks;
    private boolean stopped;
    private boolean handedOut;
    private boolean closed;

    /** An empty image that takes its memory when the manifest is known. */
    public PartialImage(ImageMemory.Allocator allocator) {
        this.allocator = allocator;
    }

    /** How far it is. */
    public synchronized Progress progress() {
        return manifest == null
                ? new Progress(0, 0, 0, 0, 0)
                : new Progress(
                        good.cardinality(),
                        manifest.chunks().count(),
                        goodBytes,
                        manifest.layout().blobBytes(),
                        resentChunks);
    }

    /** Which chunks are verified, a copy. */
    public synchronized BitSet goodChunks() {
        return (BitSet) good.clone();
    }

    /** The hash of its manifest once it is known, so that a later seed must have the same. */
    synchronized @Nullable String manifestHash() {
        return manifest == null ? null : manifest.hash();
    }

    /** A clone begins or goes on. */
    synchronized void resume() {
        if (closed || handedOut) {
            throw new IllegalStateException("the partial image is closed or handed out");
        }
        stopped = false;
    }

    /** A clone has ended without the whole image; those who wait for the rest hear of it. */
    synchronized void stop() {
        stopped = true;
        notifyAll();
    }

    /**
     * Takes memory for an image; when it already has, the manifest must be the same. Those who wait
     * for the manifest hear of it first, since memory may take long: so joiners of a chain get
     * theirs at the same time. One thread at a time.
     */
    void begin(ImageManifest found) {
        if (announce(found)) {
            return;
        }
        ImageMemory fresh;
        try {
            fresh = allocator.allocate(found.layout().segmentBytes());
        } catch (ImageException e) {
            throw new TransferException(Fault.NO_MEMORY, "no memory: " + e.getMessage(), e);
        }
        keep(fresh);
    }

    /** Whether there is memory already. */
    private synchronized boolean announce(ImageManifest found) {
        if (manifest == null) {
            manifest = found;
            notifyAll();
        } else if (!manifest.hash().equals(found.hash())) {
            throw new TransferException(
                    Fault.WRONG_MANIFEST, "the seed's image is not the one that was begun");
        }
        return memory != null;
    }

    private synchronized void keep(ImageMemory fresh) {
        if (closed) {
            fresh.close();
            throw new TransferException(Fault.CANCELLED, "the partial image was closed");
        }
        memory = fresh;
    }

    synchronized boolean complete() {
        return manifest != null && good.cardinality() == manifest.chunks().count();
    }

    /** The lowest chunk that is neither there nor claimed, now claimed; -1 if there is none. */
    synchronized int claim() {
        int count = begun().chunks().count();
        for (int i = good.nextClearBit(0); i < count; i = good.nextClearBit(i + 1)) {
            if (!claimed.get(i)) {
                claimed.set(i);
                return i;
            }
        }
        return -1;
    }

    /** Waits until a chunk can be claimed (true) or all are there (false). */
    synchronized boolean awaitWork(Deadline deadline) {
        while (!complete()) {
            if (good.cardinality() + claimed.cardinality() < begun().chunks().count()) {
                return true;
            }
            await(deadline, "the last chunks");
        }
        return false;
    }

    /** Where a claimed chunk's bytes go. */
    synchronized ByteBuffer room(int index) {
        return begun().chunks().in(heldMemory(), index);
    }

    /** A claimed chunk is verified. */
    synchronized void settle(int index) {
        claimed.clear(index);
        good.set(index);
        goodBytes += begun().chunks().lengthBytes(index);
        notifyAll();
    }

    /** A claimed chunk did not come; somebody else may claim it. */
    synchronized void giveBack(int index) {
        claimed.clear(index);
        notifyAll();
    }

    /** A claimed chunk came with a wrong checksum. */
    synchronized void giveBackCorrupt(int index) {
        resentChunks++;
        giveBack(index);
    }

    /** The whole image, once. */
    synchronized TensorImage handOut() {
        if (!complete()) {
            throw new IllegalStateException("the image is not complete");
        }
        TensorImage image = new TensorImage(begun(), heldMemory());
        handedOut = true;
        return image;
    }

    @Override
    public synchronized ImageManifest awaitManifest(Duration atMost) {
        Deadline deadline = Deadline.in(atMost);
        while (manifest == null) {
            await(deadline, "its manifest");
        }
        return manifest;
    }

    @Override
    public synchronized ByteBuffer awaitChunk(int index, Duration atMost) {
        Deadline deadline = Deadline.in(atMost);
        while (!good.get(index)) {
            await(deadline, "chunk " + index);
        }
        return begun().chunks().in(heldMemory(), index).asReadOnlyBuffer();
    }

    private synchronized void await(Deadline deadline, String what) {
        if (closed || stopped || deadline.passed()) {
            throw new TransferException(
                    Fault.NOT_READY, "this worker does not have " + what + " itself");
        }
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(1, deadline.leftNanos()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransferException(Fault.CANCELLED, "interrupted", e);
        }
    }

    private ImageManifest begun() {
        if (manifest == null) {
            throw new IllegalStateException("the image has not begun");
        }
        return manifest;
    }

    private ImageMemory heldMemory() {
        if (memory == null) {
            throw new IllegalStateException("the image has no memory");
        }
        return memory;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        if (memory != null && !handedOut) {
            memory.close();
        }
    }
}
