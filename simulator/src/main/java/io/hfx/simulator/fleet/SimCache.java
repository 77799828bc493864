package io.hfx.simulator.fleet;

import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.prefix.BlockChain;
import io.hfx.engine.prefix.BlockWriter;
import io.hfx.engine.prefix.PrefixStats;
import io.hfx.engine.prefix.PrefixStore;
import io.hfx.scheduler.request.RequestSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The prefix cache that the workers of a fleet share: the live server's store. In place of KV a
 * block holds a stamp of its tokens and their position, so that one that is taken can be checked.
 */
final class SimCache {
    private static final String MODEL = "simulated";

    private final PrefixStore store;

    private SimCache(long tokens) {
        int block = PrefixStore.BLOCK_TOKENS;
        store = new PrefixStore(MODEL, block, 1, PrefixStore.bytes(tokens, block, 1));
    }

    /** A cache of so many tokens; null for 0. */
    static @Nullable SimCache of(long tokens) {
        return tokens == 0 ? null : new SimCache(tokens);
    }

    PrefixStore store() {
        return store;
    }

    /** The blocks of a sequence; each tenant has its own. */
    BlockChain chain(SimRequest request, int sequence) {
        return store.chain(request.spec().tenant(), new SimTokens(request, sequence));
    }

    /** The request with what the store has of its prompts now, as the dispatcher hears it. */
    RequestSpec looked(SimRequest request) {
        RequestSpec spec = request.spec();
        List<Integer> tokens = new ArrayList<>();
        for (int prompt = 0; prompt < spec.promptTokens().size(); prompt++) {
            int most = spec.promptTokens().get(prompt) - 1;
            tokens.add(store.look(chain(request, prompt * spec.choices()), most));
        }
        return spec.withCachedTokens(tokens);
    }

    /**
     * Checks that a block holds the KV of these tokens.
     *
     * @throws IllegalStateException if it is another's
     */
    static void check(KvBlock block, SimRequest request, int sequence) {
        int stamp = block.layers().get(0).getInt(0);
        if (stamp != stamp(request, sequence, block.fromToken(), block.tokens())) {
            throw new IllegalStateException("the cache gives another's KV to " + request);
        }
    }

    /**
     * Checks that nothing is held any more, that the bound was kept, and that no more was taken
     * than asked for.
     *
     * @throws IllegalStateException if it is not so
     */
    void check() {
        PrefixStats stats = store.stats();
        boolean bounded = stats.bytes() <= stats.capacityBytes();
        if (stats.pinnedBlocks() > 0 || !bounded || stats.hitTokens() > stats.askedTokens()) {
            throw new IllegalStateException("the prefix cache ends with " + stats);
        }
    }

    private static int stamp(SimRequest request, int sequence, int fromToken, int tokens) {
        int[] ids = new SimTokens(request, sequence).tokens(fromToken, tokens);
        return 31 * Arrays.hashCode(ids) + fromToken;
    }

    /** Stamps blocks of one sequence, and counts them. */
    static final class Writer implements BlockWriter {
        private final SimRequest request;
        private final int sequence;
        private int tokens;

        Writer(SimRequest request, int sequence) {
            this.request = request;
            this.sequence = sequence;
        }

        /** Tokens that were copied. */
        int tokens() {
            return tokens;
        }

        @Override
        public KvBlock allocate(int blockTokens) {
            List<ByteBuffer> stamp = List.of(ByteBuffer.allocate(Integer.BYTES));
            return new KvBlock(MODEL, "stamp", 0, blockTokens, stamp);
        }

        @Override
        public void write(KvBlock block) {
            int stamp = stamp(request, sequence, block.fromToken(), block.tokens());
            block.layers().get(0).putInt(0, stamp);
            tokens += block.tokens();
        }
    }
}
