package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hfx.d2d.transfer.TransferException.Fault;
import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Both ends prove that they have the worker key, before anything else is said. Each sends a
 * greeting with a fresh nonce; then the joiner, then the seed, sends HMAC-SHA256 over its role and
 * both nonces. The roles differ, so that no proof can be sent back to whom it came from.
 */
final class Handshake {
    static final int VERSION = 1;
    static final int NONCE_BYTES = 32;

    /** Magic number, version, nonce. */
    static final int GREETING_BYTES = 4 + 2 + NONCE_BYTES;

    private static final int MAGIC = 0x48465844; // HFXD
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final byte[] JOINER = "hfx-d2d/1 joiner".getBytes(US_ASCII);
    private static final byte[] SEED = "hfx-d2d/1 seed".getBytes(US_ASCII);

    private Handshake() {}

    static Session asJoiner(Link link, WorkerKey key, Deadline deadline) {
        byte[] own = nonce();
        link.write(greeting(own), deadline);
        byte[] other = readGreeting(link, deadline);
        link.write(ByteBuffer.wrap(key.proof(JOINER, own, other)), deadline);
        ByteBuffer proof = Frames.read(link, Frames.Type.PROOF, deadline);
        if (!WorkerKey.same(key.proof(SEED, own, other), proof)) {
            throw new TransferException(
                    Fault.BAD_KEY, link.peer() + ": the seed did not prove the worker key");
        }
        return new Session(key, own, other);
    }

    static Session asSeed(Link link, WorkerKey key, Deadline deadline) {
        byte[] own = nonce();
        byte[] other;
        try {
            other = readGreeting(link, deadline);
        } catch (TransferException e) {
            if (e.fault() == Fault.WRONG_VERSION) {
                link.write(greeting(own), deadline); // tells the joiner which version is spoken
            }
            throw e;
        }
        link.write(greeting(own), deadline);
        ByteBuffer proof = ByteBuffer.allocate(WorkerKey.PROOF_BYTES);
        link.read(proof, deadline);
        if (!WorkerKey.same(key.proof(JOINER, other, own), proof.flip())) {
            throw Frames.refuse(link, Fault.BAD_KEY, "the worker key is not this seed's", deadline);
        }
        byte[] answer = key.proof(SEED, other, own);
        link.write(Frames.of(Frames.Type.PROOF, answer), deadline);
        return new Session(key, other, own);
    }

    private static byte[] nonce() {
        byte[] nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        return nonce;
    }

    private static ByteBuffer greeting(byte[] nonce) {
        return ByteBuffer.allocate(GREETING_BYTES)
                .putInt(MAGIC)
                .putShort((short) VERSION)
                .put(nonce)
                .flip();
    }

    private static byte[] readGreeting(Link link, Deadline deadline) {
        ByteBuffer greeting = ByteBuffer.allocate(GREETING_BYTES);
        link.read(greeting, deadline);
        greeting.flip();
        if (greeting.getInt() != MAGIC) {
            throw new TransferException(
                    Fault.PROTOCOL, link.peer() + ": the peer is no HFX worker");
        }
        int version = Short.toUnsignedInt(greeting.getShort());
        if (version != VERSION) {
            throw new TransferException(
                    Fault.WRONG_VERSION,
                    String.format(
                            "%s: the peer speaks version %d of the transfer protocol, this side %d",
                            link.peer(), version, VERSION));
        }
        byte[] nonce = new byte[NONCE_BYTES];
        greeting.get(nonce);
        return nonce;
    }
}
