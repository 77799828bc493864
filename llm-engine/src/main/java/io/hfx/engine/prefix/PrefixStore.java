package io.hfx.engine.prefix;

import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.prefix.BlockTable.Block;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * KV blocks of one model in host memory, shared by its workers. Bounded: where it is full, the
 * block that was used longest ago goes, ends of prefixes before their beginnings, and never one
 * that a lease holds. A block is found by the tokens of the whole prefix that it ends, and only
 * within the scope in which it was put.
 *
 * <p>Thread-safe. The lock is held for looking up only; KV is copied outside.
 */
public final class PrefixStore {
    /** Tokens of a block, where nothing speaks for another size. */
    public static final int BLOCK_TOKENS = 64;

    private static final Logger LOG = LoggerFactory.getLogger(PrefixStore.class);

    /** What a block takes beside its KV: its tokens, its name and its places in the maps. */
    private static final int OVERHEAD_BYTES = 256;

    private final String modelHash;
    private final int blockTokens;
    private final long blockBytes;
    private final BlockTable table = new BlockTable();

    /** Memory of blocks that went, for the next. */
    private final Deque<KvBlock> spare = new ArrayDeque<>();

    private int mostBlocks;
    private int filling;

    /** Blocks entered so far. */
    private volatile long entered;

    private long askedTokens;
    private long hitTokens;
    private long evicted;

    /**
     * @param modelHash identifies the weights that all KV in here comes from
     * @param blockTokens tokens of a block, at least 1
     * @param kvBytesPerToken bytes of KV that a token counts with, at least 1
     * @param mostBytes bound of everything in here, 0 or more; too few for a block holds none
     */
    public PrefixStore(String modelHash, int blockTokens, long kvBytesPerToken, long mostBytes) {
        if (blockTokens < 1 || kvBytesPerToken < 1 || mostBytes < 0) {
            throw new IllegalArgumentException(
                    "blockTokens and kvBytesPerToken must be at least 1, mostBytes 0, were %d, %d, %d"
                            .formatted(blockTokens, kvBytesPerToken, mostBytes));
        }
        this.modelHash = modelHash;
        this.blockTokens = blockTokens;
        this.blockBytes = blockBytes(blockTokens, kvBytesPerToken);
        this.mostBlocks = (int) Math.min(Integer.MAX_VALUE, mostBytes / blockBytes);
    }

    public int blockTokens() {
        return blockTokens;
    }

    /** Most of so many tokens that can be taken: whole blocks, and not the last token. */
    public int mostOf(int tokens) {
        return (tokens - 1) / blockTokens * blockTokens;
    }

    /**
     * Bytes of a store that holds so many tokens.
     *
     * @param kvBytesPerToken bytes of KV that a token counts with
     */
    public static long bytes(long tokens, int blockTokens, long kvBytesPerToken) {
        return tokens / blockTokens * blockBytes(blockTokens, kvBytesPerToken);
    }

    private static long blockBytes(int blockTokens, long kvBytesPerToken) {
        return blockTokens * (kvBytesPerToken + Integer.BYTES) + OVERHEAD_BYTES;
    }

    /**
     * Names the blocks of a sequence.
     *
     * @param scope within which KV is shared; equal texts share
     */
    public BlockChain chain(String scope, TokenSource source) {
        return new BlockChain(BlockId.root(scope, modelHash), blockTokens, source);
    }

    /** Grows with every block that is entered: who has seen all of them need not look again. */
    public long entered() {
        return entered;
    }

    /** Whether a block is there, by its name alone. */
    public synchronized boolean has(BlockChain chain, int block) {
        return table.has(chain.id(block));
    }

    /**
     * Tokens of the longest cached prefix, as a hint: nothing is held, and nothing counted.
     *
     * @param mostTokens of the answer
     */
    public int look(BlockChain chain, int mostTokens) {
        int found = 0;
        Block last = null;
        while ((found + 1) * blockTokens <= mostTokens) {
            last = find(chain.id(found), last, chain.tokens(found), false);
            if (last == null) {
                break;
            }
            found++;
        }
        return found * blockTokens;
    }

    /**
     * Holds the longest cached prefix.
     *
     * @param mostTokens of the prefix
     */
    public PrefixLease lease(BlockChain chain, int mostTokens) {
        List<Block> held = new ArrayList<>();
        Block last = null;
        while ((held.size() + 1) * blockTokens <= mostTokens) {
            int next = held.size();
            last = find(chain.id(next), last, chain.tokens(next), true);
            if (last == null) {
                break;
            }
            held.add(last);
        }
        return new PrefixLease(this, held);
    }

    /**
     * Puts a block in, unless it is there. The blocks before it must be there, and there must be
     * room.
     *
     * @return whether the block is there now
     */
    public boolean put(BlockChain chain, int block, BlockWriter writer) {
        BlockId id = chain.id(block);
        BlockId parentId = chain.id(block - 1);
        int[] tokens = chain.tokens(block);
        KvBlock memory;
        synchronized (this) {
            if (table.use(id)) {
                return true;
            }
            if ((block > 0 && !table.has(parentId)) || !makeRoom()) {
                return false;
            }
            memory = spare.poll();
            filling++;
        }
        boolean entered = false;
        try {
            if (memory == null) {
                memory = writer.allocate(blockTokens);
            }
            KvBlock kv = memory.at(block * blockTokens);
            writer.write(kv);
            entered = enter(id, block == 0 ? null : parentId, tokens, kv);
        } catch (OutOfMemoryError e) {
            holdNoMore(e);
        } finally {
            filled(entered ? null : memory);
        }
        return entered || holds(id);
    }

    private synchronized boolean holds(BlockId id) {
        return table.has(id);
    }

    public synchronized PrefixStats stats() {
        return new PrefixStats(
                mostBlocks * blockBytes,
                (table.size() + spare.size() + filling) * blockBytes,
                table.size(),
                table.pinned(),
                askedTokens,
                hitTokens,
                evicted);
    }

    synchronized void unpin(List<Block> held) {
        held.forEach(table::unpin);
    }

    private synchronized @Nullable Block find(
            BlockId id, @Nullable Block parent, int[] tokens, boolean pin) {
        Block block = table.find(id, parent, tokens);
        if (block != null && pin) {
            table.pin(block);
        }
        return block;
    }

    /**
     * For the hit ratio.
     *
     * @param asked tokens of a prompt that starts
     * @param hit tokens of a prompt that were taken from here
     */
    public synchronized void count(int asked, int hit) {
        askedTokens += asked;
        hitTokens += hit;
    }

    /** Whether there is memory for one more block, be it of one that goes. */
    private boolean makeRoom() {
        if (!spare.isEmpty() || table.size() + filling < mostBlocks) {
            return true;
        }
        KvBlock memory = table.evict();
        if (memory == null) {
            return false;
        }
        evicted++;
        spare.add(memory);
        return true;
    }

    /** False where another worker was first, or the block before is gone. */
    private synchronized boolean enter(
            BlockId id, @Nullable BlockId parentId, int[] tokens, KvBlock kv) {
        boolean isNew = table.enter(id, parentId, tokens, kv);
        entered += isNew ? 1 : 0;
        return isNew;
    }

    /** A block was filled, or could not be entered: then its memory is for the next. */
    private synchronized void filled(@Nullable KvBlock unused) {
        filling--;
        if (unused != null) {
            spare.add(unused);
        }
    }

    private synchronized void holdNoMore(OutOfMemoryError e) {
        mostBlocks = table.size() + spare.size() + filling - 1;
        LOG.warn(
                "the prefix cache holds no more than {} blocks of {} bytes: {}",
                mostBlocks,
                blockBytes,
                e.toString());
    }
}
