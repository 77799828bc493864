package io.hfx.engine.prefix;

import io.hfx.engine.executor.KvBlock;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which blocks there are, and which of them goes first: the one that was used longest ago of those
 * that no other follows on and nobody holds. So every block has all before it. Not thread-safe: its
 * store guards it.
 */
final class BlockTable {
    private final Map<BlockId, Block> blocks = new HashMap<>();

    /** Those that may go, by their last use. */
    private final TreeMap<Long, Block> evictable = new TreeMap<>();

    private int pinned;
    private long uses;

    /** One block. */
    static final class Block {
        private final BlockId id;
        private final @Nullable Block parent;
        private final int[] tokens;
        private final KvBlock kv;
        private int children;
        private int pins;
        private long lastUse;

        private Block(BlockId id, @Nullable Block parent, int[] tokens, KvBlock kv) {
            this.id = id;
            this.parent = parent;
            this.tokens = tokens;
            this.kv = kv;
        }

        KvBlock kv() {
            return kv;
        }
    }

    int size() {
        return blocks.size();
    }

    /** Blocks that somebody holds. */
    int pinned() {
        return pinned;
    }

    boolean has(BlockId id) {
        return blocks.containsKey(id);
    }

    /** Compares the tokens and the block before, so that no collision gives another's KV. */
    @Nullable Block find(BlockId id, @Nullable Block parent, int[] tokens) {
        Block block = blocks.get(id);
        boolean same =
                block != null && block.parent == parent && Arrays.equals(block.tokens, tokens);
        return same ? block : null;
    }

    /** Uses a block, if it is there. */
    boolean use(BlockId id) {
        Block block = blocks.get(id);
        if (block != null) {
            use(block);
        }
        return block != null;
    }

    /** Uses a block and holds it. */
    void pin(Block block) {
        use(block);
        evictable.remove(block.lastUse);
        if (block.pins++ == 0) {
            pinned++;
        }
    }

    void unpin(Block block) {
        if (--block.pins == 0) {
            pinned--;
        }
        offer(block);
    }

    /**
     * Enters a block.
     *
     * @param parentId of the block before; null for a first one
     * @return false where it is there already, or the one before is not
     */
    boolean enter(BlockId id, @Nullable BlockId parentId, int[] tokens, KvBlock kv) {
        Block parent = parentId == null ? null : blocks.get(parentId);
        if (blocks.containsKey(id) || (parentId != null && parent == null)) {
            return false;
        }
        Block block = new Block(id, parent, tokens, kv);
        blocks.put(id, block);
        if (parent != null) {
            parent.children++;
            evictable.remove(parent.lastUse);
        }
        use(block);
        return true;
    }

    /** Takes the block out that goes first; returns its memory, or null where none may go. */
    @Nullable KvBlock evict() {
        Map.Entry<Long, Block> oldest = evictable.pollFirstEntry();
        if (oldest == null) {
            return null;
        }
        Block block = oldest.getValue();
        blocks.remove(block.id);
        if (block.parent != null) {
            block.parent.children--;
            offer(block.parent);
        }
        return block.kv;
    }

    private void use(Block block) {
        evictable.remove(block.lastUse);
        block.lastUse = ++uses;
        offer(block);
    }

    private void offer(Block block) {
        if (block.children == 0 && block.pins == 0) {
            evictable.put(block.lastUse, block);
        }
    }
}
