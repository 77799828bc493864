package io.hfx.engine.prefix;

/**
 * What a store holds, and what it did since it was made.
 *
 * @param capacityBytes most that it may hold
 * @param bytes that it holds, by the size of a block in KV
 * @param blocks that can be found
 * @param pinnedBlocks of these, those that a lease holds
 * @param askedTokens of prompts that were looked up
 * @param hitTokens of these, those that were found
 * @param evictedBlocks that had to go for others
 */
public record PrefixStats(
        long capacityBytes,
        long bytes,
        int blocks,
        int pinnedBlocks,
        long askedTokens,
        long hitTokens,
        long evictedBlocks) {
    /** Of no store. */
    public static final PrefixStats NONE = new PrefixStats(0, 0, 0, 0, 0, 0, 0);
}
