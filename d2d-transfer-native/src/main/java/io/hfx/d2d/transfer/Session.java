package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;

/**
 * A link whose ends have proved the key, which signs what is said on this link and no other.
 *
 * @param joinerNonce that the joiner chose for this link
 * @param seedNonce that the seed chose
 */
record Session(WorkerKey key, byte[] joinerNonce, byte[] seedNonce) {
    private static final byte[] MANIFEST = "hfx-d2d/1 manifest".getBytes(US_ASCII);

    /**
     * The seed's signature of its card and manifest, {@link WorkerKey#PROOF_BYTES} bytes.
     *
     * @param card its length is signed too, so that nothing can pass from one to the other
     */
    byte[] sign(byte[] card, byte[] manifest) {
        byte[] length = ByteBuffer.allocate(Integer.BYTES).putInt(card.length).array();
        return key.proof(MANIFEST, joinerNonce, seedNonce, length, card, manifest);
    }
}
