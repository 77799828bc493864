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
 * one run of a clone to the next. It gives single verified chunks to those who relay it, a tensor
 * when the chunks that hold it are verified, and the whole when all are. Any thread.
 *
 * <p>Closing it lets its memory go, unless the whole image was handed out, which then owns it.
 * Close it only when no clone fills it and no seed serves it any more.
 */
public final class PartialImage implements ImageSource, AutoCloseable {
    private final ImageMemory.Allocator allocator;
    private final BitSet good = new BitSet();
    private final BitSet claimed = new BitSet();
    private @Nullable ImageManifest manifest;
    private @Nullable TensorImage image;
    private long goodBytes;
    private long resentChunks;
    private @Nullable TransferException end;
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
        end = null;
    }

    /** A clone has ended without the whole image; those who wait for the rest hear why. */
    synchronized void stop(TransferException why) {
        end = why;
        notifyAll();
    }

    /**
     * Takes memory for an image; when it already has, the manifest must be the same. Those who wait
     * for the manifest hear of it first, since memory may take long: so joiners of a chain get
     * theirs at the same time. A clone does this itself; whoever waits for tensors does it before
     * each, so that the end of an earlier clone is forgotten. One thread at a time.
     *
     * @throws TransferException {@code NO_MEMORY}, or {@code WRONG_MANIFEST}
     */
    public void begin(ImageManifest found) {
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
        end = null;
        if (manifest == null) {
            manifest = found;
            notifyAll();
        } else if (!manifest.hash().equals(found.hash())) {
            throw new TransferException(
                    Fault.WRONG_MANIFEST, "the seed's image is not the one that was begun");
        }
        return image != null;
    }

    private synchronized void keep(ImageMemory fresh) {
        if (closed) {
            fresh.close();
            throw new TransferException(Fault.CANCELLED, "the partial image was closed");
        }
        image = new TensorImage(begun(), fresh);
    }

    /**
     * A read-only view of a tensor, which is to be read after {@link #awaitTensor} only.
     *
     * @throws IllegalStateException if the image has no memory yet
     */
    public synchronized ByteBuffer tensor(String name) {
        return held().tensor(name);
    }

    /**
     * Waits until every chunk of a tensor is verified.
     *
     * @throws TransferException if that takes longer, or will not be; where a clone failed, with
     *     its fault and reason
     */
    public synchronized void awaitTensor(String name, Duration atMost) {
        Deadline deadline = Deadline.in(atMost);
        while (!held().chunks(name).allMatch(good::get)) {
            if (end != null) {
                throw new TransferException(
                        end.fault(), name + " did not come: " + end.getMessage(), end);
            }
            await(deadline, name);
        }
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
        return begun().chunks().in(held().memory(), index);
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
        handedOut = true;
        return held();
    }

    /** Whether a clone gave the whole image out, which has the memory since. */
    public synchronized boolean handedOut() {
        return handedOut;
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
        return held().chunk(index);
    }

    private synchronized void await(Deadline deadline, String what) {
        if (closed || end != null || deadline.passed()) {
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

    private TensorImage held() {
        if (image == null) {
            throw new IllegalStateException("the image has no memory");
        }
        return image;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        if (image != null && !handedOut) {
            image.close();
        }
    }
}
