package io.hfx.d2d.transfer;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * A link whose ends have proved the key, which signs what is said on this link and no other.
 *
 * @param joinerNonce that the joiner chose for this link
 * @param seedNonce that the seed chose
 */
record Session(WorkerKey key, byte[] joinerNonce, byte[] seedNonce) {
    private static final byte[] MANIFEST = "hfx-d2d/1 manifest".getBytes(US_ASCII);

    /** The seed's signature of a manifest, {@link WorkerKey#PROOF_BYTES} bytes. */
    byte[] sign(byte[] manifest) {
        return key.proof(MANIFEST, joinerNonce, seedNonce, manifest);
    }
}
