package io.hfx.d2d.transfer;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The secret that all workers of a fleet share. It shows itself to nobody, not in logs either. */
public final class WorkerKey {
    /** Bytes of a proof: those of HMAC-SHA256. */
    static final int PROOF_BYTES = 32;

    private static final int MIN_BYTES = 32;
    private static final int MAX_BYTES = 1024;
    private static final String ALGORITHM = "HmacSHA256";

    private final SecretKeySpec secret;

    private WorkerKey(byte[] secret) {
        this.secret = new SecretKeySpec(secret, ALGORITHM);
    }

    /**
     * Takes a copy of a secret.
     *
     * @param secret 32 to 1,024 bytes that cannot be guessed
     */
    public static WorkerKey of(byte[] secret) {
        if (secret.length < MIN_BYTES || secret.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    String.format(
                            "a worker key has %d bytes; allowed: %d to %d",
                            secret.length, MIN_BYTES, MAX_BYTES));
        }
        return new WorkerKey(secret);
    }

    /** HMAC-SHA256 over the parts, one after the other. Whoever calls fixes their lengths. */
    byte[] proof(byte[]... parts) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(secret);
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has HMAC-SHA256", e);
        }
    }

    /** Compares in a time that does not depend on where the proofs differ. */
    static boolean same(byte[] expected, ByteBuffer found) {
        byte[] bytes = new byte[found.remaining()];
        found.duplicate().get(bytes);
        return MessageDigest.isEqual(expected, bytes);
    }

    @Override
    public String toString() {
        return "WorkerKey";
    }
}
