package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.atomic.LongAdder;

/** The seed's end of one link, after the handshake; on the link's thread. */
final class SeedLink {
    /** How soon a changed rate holds for a link that waits. */
    private static final long MAX_PAUSE_NANOS = 50_000_000;

    private final Link link;
    private final Session session;
    private final ImageSource source;
    private final TransferLimits limits;
    private final Pacer pacer;
    private final LongAdder sentBytes;

    SeedLink(
            Link link,
            Session session,
            ImageSource source,
            SeedOptions options,
            LongAdder sentBytes) {
        this.link = link;
        this.session = session;
        this.source = source;
        this.limits = options.limits();
        this.pacer = options.pacer();
        this.sentBytes = sentBytes;
    }

    /** Agrees on the image, then answers requests until the joiner ends the link. */
    void run() {
        Deadline deadline = Deadline.in(limits.handshake());
        Join join = readJoin(deadline);
        ImageManifest manifest;
        try {
            manifest = source.awaitManifest(limits.handshake());
            join.wanted().check("this seed", manifest);
        } catch (TransferException e) {
            throw refuse(e.fault(), e.getMessage());
        }
        Ack ack = join.sendManifest() ? new Ack(source.card(), manifest.encoded()) : Ack.SILENT;
        link.write(ack.frame(session), Deadline.in(limits.chunk()));
        boolean more = true;
        while (more) {
            more = serveNext(manifest);
        }
    }

    private Join readJoin(Deadline deadline) {
        ByteBuffer frame = Frames.read(link, Frames.Type.JOIN, deadline);
        try {
            return Join.decode(link.peer(), frame);
        } catch (TransferException e) {
            throw refuse(e.fault(), "a malformed JOIN");
        }
    }

    private boolean serveNext(ImageManifest manifest) {
        Duration stall = limits.stall();
        OptionalInt request = Frames.readRequest(link, Deadline.in(limits.idle()), stall);
        if (request.isEmpty()) {
            return false;
        }
        int index = request.getAsInt();
        if (index < 0 || index >= manifest.chunks().count()) {
            throw refuse(Fault.PROTOCOL, "there is no chunk " + index);
        }
        ByteBuffer bytes;
        try {
            bytes = source.awaitChunk(index, stall);
        } catch (TransferException e) {
            throw refuse(e.fault(), e.getMessage());
        }
        Deadline deadline = Deadline.in(limits.chunk());
        link.write(Frames.chunk(index, bytes.remaining()), deadline);
        send(bytes, deadline);
        return true;
    }

    private void send(ByteBuffer bytes, Deadline deadline) {
        int end = bytes.limit();
        while (bytes.position() < end) {
            int count = Math.min(pacer.pieceBytes(), end - bytes.position());
            pause(pacer.reserve(count), deadline);
            bytes.limit(bytes.position() + count);
            link.write(bytes, deadline);
            sentBytes.add(count);
        }
        link.flush(deadline);
    }

    private void pause(long place, Deadline deadline) {
        for (long nanos = pacer.waitNanos(place); nanos > 0; nanos = pacer.waitNanos(place)) {
            link.pause(Math.min(nanos, MAX_PAUSE_NANOS), deadline);
        }
    }

    TransferException refuse(Fault fault, String reason) {
        return Frames.refuse(link, fault, reason, Deadline.in(limits.handshake()));
    }
}
