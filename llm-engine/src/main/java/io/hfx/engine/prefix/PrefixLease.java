package io.hfx.engine.prefix;

import io.hfx.engine.executor.KvBlock;
import java.util.List;

/**
 * The longest cached prefix of a sequence. Its blocks stay as they are until it is closed, which
 * its holder does once. One thread at a time.
 */
public final class PrefixLease implements AutoCloseable {
    private final PrefixStore store;
    private final List<BlockTable.Block> blocks;
    private boolean closed;

    PrefixLease(PrefixStore store, List<BlockTable.Block> blocks) {
        this.store = store;
        this.blocks = List.copyOf(blocks);
    }

    /** Tokens of the prefix: a multiple of the block's, maybe 0. */
    public int tokens() {
        return blocks.size() * store.blockTokens();
    }

    /** The KV of one block, to be read only while the lease is open. */
    public KvBlock block(int index) {
        if (closed) {
            throw new IllegalStateException("the lease is closed");
        }
        return blocks.get(index).kv();
    }

    /** A second call has no effect. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            store.unpin(blocks);
        }
    }
}
