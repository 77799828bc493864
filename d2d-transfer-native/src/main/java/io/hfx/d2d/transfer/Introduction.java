package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageException;
import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.net.InetSocketAddress;

/**
 * What a seed says of its image before any byte of it moves.
 *
 * @param card whatever the seed's owner tells, see {@link ImageSource#card}
 */
public record Introduction(ImageManifest manifest, byte[] card) {
    /** As below, over TCP. */
    public static Introduction of(
            InetSocketAddress seed, WorkerKey key, Wanted wanted, TransferLimits limits) {
        return of(LinkTransport.TCP, seed, key, wanted, limits);
    }

    /**
     * Connects, proves the key both ways, hears what the seed has, and leaves.
     *
     * @throws TransferException if the seed is not there, does not prove the key, or has not what
     *     is wanted
     */
    public static Introduction of(
            LinkTransport transport,
            InetSocketAddress seed,
            WorkerKey key,
            Wanted wanted,
            TransferLimits limits) {
        try (Link link = transport.connect(seed, limits)) {
            Session session = Handshake.asJoiner(link, key, Deadline.in(limits.handshake()));
            return of(link, session, wanted, Deadline.in(limits.chunk()));
        }
    }

    /** Asks over a link whose ends have proved the key. */
    static Introduction of(Link link, Session session, Wanted wanted, Deadline deadline) {
        link.write(Frames.of(Frames.Type.JOIN, new Join(true, wanted).encode()), deadline);
        Ack ack = Ack.read(link, session, deadline);
        ImageManifest manifest;
        try {
            manifest = ImageManifest.parse(link.peer() + ": manifest", ack.manifest());
        } catch (ImageException e) {
            throw new TransferException(Fault.PROTOCOL, e.getMessage(), e);
        }
        wanted.check(link.peer(), manifest);
        return new Introduction(manifest, ack.card());
    }
}
