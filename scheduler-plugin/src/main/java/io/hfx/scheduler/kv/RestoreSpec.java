package io.hfx.scheduler.kv;

/**
 * How a worker copies KV from a prefix cache.
 *
 * @param blockTokens it takes whole blocks of so many tokens, at least 1
 * @param tokenNanos time to copy one token, 0 or more
 */
public record RestoreSpec(int blockTokens, double tokenNanos) {
    /** Of a worker without a cache. */
    public static final RestoreSpec NONE = new RestoreSpec(1, 0);

    public RestoreSpec {
        if (blockTokens < 1 || !(tokenNanos >= 0) || Double.isInfinite(tokenNanos)) {
            throw new IllegalArgumentException(
                    "blockTokens must be at least 1 and tokenNanos 0, were "
                            + blockTokens
                            + ", "
                            + tokenNanos);
        }
    }

    /** Tokens that can be copied in a time: whole blocks, and one block in any case. */
    public int tokensWithin(double nanos) {
        double blocks = nanos / (blockTokens * Math.max(tokenNanos, 1e-3));
        double most = (double) Integer.MAX_VALUE / blockTokens - 1;
        return blockTokens * (int) Math.max(1, Math.min(blocks, most));
    }
}
