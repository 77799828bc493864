package io.hfx.scheduler.kv;

/**
 * A worker's KV in units of its own: whole slots, or blocks of some tokens. The core adds and
 * compares units and never asks what they are.
 */
public sealed interface KvBudget {
    /** Units of the whole worker. */
    long totalUnits();

    /** Units that a sequence of that many tokens holds. */
    long cost(int tokens);

    /** Most tokens of a sequence that costs one unit; one of n times as many costs n. */
    int unitTokens();

    /** Most tokens of one sequence. */
    int maxSequenceTokens();

    /**
     * One slot a sequence, whatever its length.
     *
     * @param slots number of sequences at the same time
     * @param maxSequenceTokens tokens that one slot holds
     */
    record Slots(int slots, int maxSequenceTokens) implements KvBudget {
        @Override
        public long totalUnits() {
            return slots;
        }

        @Override
        public long cost(int tokens) {
            return 1;
        }

        @Override
        public int unitTokens() {
            return Integer.MAX_VALUE;
        }
    }

    /**
     * Blocks that a sequence takes as it grows.
     *
     * @param blocks of the whole worker
     * @param blockTokens tokens in a block
     * @param maxSequenceTokens longest sequence that the model allows
     */
    record Blocks(long blocks, int blockTokens, int maxSequenceTokens) implements KvBudget {
        @Override
        public long totalUnits() {
            return blocks;
        }

        @Override
        public long cost(int tokens) {
            return ((long) tokens + blockTokens - 1) / blockTokens;
        }

        @Override
        public int unitTokens() {
            return blockTokens;
        }
    }
}
