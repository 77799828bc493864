package io.hfx.engine.prefix;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Names a block by all that its KV hangs on: the scope, the model and every token up to its end. A
 * SHA-256 over the id of the block before and the tokens of this one, so that nobody who chooses
 * tokens can make two blocks of one name.
 */
record BlockId(long first, long second, long third, long fourth) {
    /** Stands before the first block of a scope. */
    static BlockId root(String scope, String modelHash) {
        byte[] scopeBytes = scope.getBytes(StandardCharsets.UTF_8);
        byte[] modelBytes = modelHash.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes =
                ByteBuffer.allocate(Integer.BYTES + scopeBytes.length + modelBytes.length);
        return digest(bytes.putInt(scopeBytes.length).put(scopeBytes).put(modelBytes));
    }

    /** The block of these tokens behind this one. */
    BlockId next(int[] tokens) {
        ByteBuffer bytes =
                ByteBuffer.allocate(4 * Long.BYTES + tokens.length * Integer.BYTES)
                        .putLong(first)
                        .putLong(second)
                        .putLong(third)
                        .putLong(fourth);
        for (int token : tokens) {
            bytes.putInt(token);
        }
        return digest(bytes);
    }

    private static BlockId digest(ByteBuffer bytes) {
        MessageDigest sha256 = sha256();
        sha256.update(bytes.flip());
        ByteBuffer hash = ByteBuffer.wrap(sha256.digest());
        return new BlockId(hash.getLong(), hash.getLong(), hash.getLong(), hash.getLong());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The bits of a SHA-256 are as good as any hash of them. */
    @Override
    public int hashCode() {
        return (int) first;
    }
}
