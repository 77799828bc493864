package io.hfx.d2d.transfer;

import io.hfx.d2d.image.ImageManifest;
import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;

/**
 * A seed's agreement to a join: its card and the manifest, or two empty ones where the joiner has
 * them already. On the wire: the session's signature of both, four bytes of the card's length, the
 * card, the manifest.
 */
record Ack(byte[] card, byte[] manifest) {
    static final int MAX_BYTES =
            WorkerKey.PROOF_BYTES
                    + Integer.BYTES
                    + ImageSource.MAX_CARD_BYTES
                    + ImageManifest.MAX_ENCODED_BYTES;

    private static final byte[] NOTHING = {};

    static final Ack SILENT = new Ack(NOTHING, NOTHING);

    ByteBuffer frame(Session session) {
        byte[] payload =
                ByteBuffer.allocate(
                                WorkerKey.PROOF_BYTES
                                        + Integer.BYTES
                                        + card.length
                                        + manifest.length)
                        .put(session.sign(card, manifest))
                        .putInt(card.length)
                        .put(card)
                        .put(manifest)
                        .array();
        return Frames.of(Frames.Type.ACK, payload);
    }

    /** What the seed signed. */
    static Ack read(Link link, Session session, Deadline deadline) {
        ByteBuffer payload = Frames.read(link, Frames.Type.ACK, deadline);
        if (payload.remaining() < WorkerKey.PROOF_BYTES + Integer.BYTES) {
            throw malformed(link);
        }
        ByteBuffer signature = payload.slice(0, WorkerKey.PROOF_BYTES);
        int cardBytes = payload.position(WorkerKey.PROOF_BYTES).getInt();
        if (cardBytes < 0
                || cardBytes > ImageSource.MAX_CARD_BYTES
                || cardBytes > payload.remaining()) {
            throw malformed(link);
        }
        byte[] card = new byte[cardBytes];
        payload.get(card);
        byte[] manifest = new byte[payload.remaining()];
        payload.get(manifest);
        if (!WorkerKey.same(session.sign(card, manifest), signature)) {
            throw new TransferException(
                    Fault.CORRUPT, link.peer() + ": the manifest is not as the seed signed it");
        }
        return new Ack(card, manifest);
    }

    private static TransferException malformed(Link link) {
        return new TransferException(Fault.PROTOCOL, link.peer() + ": a malformed ACK");
    }
}
