package io.hfx.engine.prefix;

import java.util.ArrayList;
import java.util.List;

/**
 * The blocks of one sequence, named one after the other as far as somebody asks. Its tokens may
 * grow; those of a block that was named do not change. One thread at a time.
 */
public final class BlockChain {
    private final BlockId root;
    private final int blockTokens;
    private final TokenSource source;
    private final List<BlockId> ids = new ArrayList<>();

    BlockChain(BlockId root, int blockTokens, TokenSource source) {
        this.root = root;
        this.blockTokens = blockTokens;
        this.source = source;
    }

    /** The tokens of a block, which must all be there. */
    int[] tokens(int block) {
        return source.tokens(block * blockTokens, blockTokens);
    }

    /** The name of a block; -1 is what stands before the first. */
    BlockId id(int block) {
        while (ids.size() <= block) {
            int next = ids.size();
            ids.add(id(next - 1).next(tokens(next)));
        }
        return block < 0 ? root : ids.get(block);
    }
}
