package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.zip.CRC32C;

/**
 * One link's share of a clone: claims the lowest missing chunk, asks for it, receives it into its
 * place, verifies it; some requests are on their way at a time. What it claimed and did not get, it
 * gives back. One thread.
 */
final class ChunkPull {
    /** Requests on their way, so that the seed never waits for one. */
    private static final int WINDOW = 2;

    /** Chunks with a wrong checksum that one link may bring; the next one ends it. */
    private static final int MAX_CORRUPT = 3;

    private final Link link;
    private final PartialImage image;
    private final ImageManifest manifest;
    private final TransferLimits limits;
    private final Deadline deadline;
    private final Runnable progressed;
    private final Deque<Integer> asked = new ArrayDeque<>();
    private int corrupt;

    ChunkPull(
            Link link,
            PartialImage image,
            ImageManifest manifest,
            TransferLimits limits,
            Deadline deadline,
            Runnable progressed) {
        this.link = link;
        this.image = image;
        this.manifest = manifest;
        this.limits = limits;
        this.deadline = deadline;
        this.progressed = progressed;
    }

    /** Pulls until the image is complete. */
    void run() {
        try {
            while (!asked.isEmpty() || image.awaitWork(deadline)) {
                ask();
                if (!asked.isEmpty()) {
                    receive(asked.element());
                }
            }
        } finally {
            asked.forEach(image::giveBack);
        }
    }

    private void ask() {
        while (asked.size() < WINDOW) {
            int index = image.claim();
            if (index < 0) {
                return;
            }
            asked.add(index);
            link.write(Frames.request(index), chunkDeadline());
        }
    }

    private Deadline chunkDeadline() {
        return Deadline.in(limits.chunk()).earlier(deadline);
    }

    private void receive(int index) {
        Deadline until = chunkDeadline();
        ByteBuffer room = image.room(index);
        int length = Frames.readHeader(link, Frames.Type.CHUNK, until);
        ByteBuffer found = ByteBuffer.allocate(Frames.INDEX_BYTES);
        if (length != Frames.INDEX_BYTES + room.remaining()) {
            throw new TransferException(
                    Fault.PROTOCOL, link.peer() + ": a chunk of " + length + " bytes");
        }
        link.read(found, until);
        if (found.getInt(0) != index) {
            throw new TransferException(
                    Fault.PROTOCOL,
                    String.format(
                            "%s: chunk %d came where %d was due",
                            link.peer(), found.getInt(0), index));
        }
        CRC32C sum = new CRC32C();
        link.read(room, until, sum);
        asked.remove();
        if ((int) sum.getValue() == manifest.checksum(index)) {
            image.settle(index);
            progressed.run();
        } else {
            image.giveBackCorrupt(index);
            refuseTooMany(index);
        }
    }

    private void refuseTooMany(int index) {
        if (++corrupt > MAX_CORRUPT) {
            throw new TransferException(
                    Fault.CORRUPT,
                    String.format(
                            "%s: %d chunks came with a wrong checksum, the last was chunk %d",
                            link.peer(), corrupt, index));
        }
    }
}
