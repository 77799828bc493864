package io.hfx.engine.prefix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.executor.KvBlock;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PrefixStoreTest {
    private static final int BLOCK = 4;
    private static final int KV_BYTES = 1_000;

    /** As the store counts it: KV, token ids and the fixed overhead. */
    private static final long BLOCK_BYTES = BLOCK * (KV_BYTES + 4L) + 256;

    private static PrefixStore store(int blocks) {
        return new PrefixStore("model", BLOCK, KV_BYTES, blocks * BLOCK_BYTES);
    }

    private static BlockChain chain(PrefixStore store, String scope, int... tokens) {
        return store.chain(scope, (from, count) -> Arrays.copyOfRange(tokens, from, from + count));
    }

    /** Stamps a block with the tokens of the whole prefix that it ends. */
    private static final class Stamping implements BlockWriter {
        private final int[] tokens;

        Stamping(int... tokens) {
            this.tokens = tokens;
        }

        @Override
        public KvBlock allocate(int count) {
            return new KvBlock("model", "F32", 0, count, List.of(ByteBuffer.allocate(4)));
        }

        @Override
        public void write(KvBlock block) {
            block.layers().get(0).putInt(0, stamp(tokens, block.fromToken() + block.tokens()));
        }
    }

    private static int stamp(int[] tokens, int end) {
        return Arrays.hashCode(Arrays.copyOf(tokens, end));
    }

    private static boolean put(PrefixStore store, String scope, int block, int... tokens) {
        return store.put(chain(store, scope, tokens), block, new Stamping(tokens));
    }

    /** Puts all whole blocks; returns how many are in. */
    private static int putAll(PrefixStore store, String scope, int... tokens) {
        int block = 0;
        while ((block + 1) * BLOCK <= tokens.length && put(store, scope, block, tokens)) {
            block++;
        }
        return block;
    }

    private static int found(PrefixStore store, String scope, int... tokens) {
        return store.look(chain(store, scope, tokens), tokens.length);
    }

    private static int[] run(int from, int count) {
        int[] tokens = new int[count];
        Arrays.setAll(tokens, i -> from + i);
        return tokens;
    }

    @Test
    void theLongestPrefixOfWholeBlocksIsFound() {
        PrefixStore store = store(100);
        int[] tokens = run(0, 11);
        assertEquals(2, putAll(store, "a", tokens));
        assertEquals(8, found(store, "a", tokens));
        assertEquals(8, found(store, "a", run(0, 30)));
        assertEquals(4, found(store, "a", 0, 1, 2, 3, 4, 5, 6, 99));
        assertEquals(0, found(store, "a", 1, 1, 2, 3, 4, 5, 6, 7));
        assertEquals(4, store.look(chain(store, "a", tokens), 7), "no more than asked for");
        try (PrefixLease lease = store.lease(chain(store, "a", tokens), 10)) {
            assertEquals(8, lease.tokens());
            assertEquals(4, lease.block(1).fromToken());
            assertEquals(stamp(tokens, 8), lease.block(1).layers().get(0).getInt(0));
        }
        assertEquals(0, store.stats().pinnedBlocks());
    }

    @Test
    void scopesShareNothing() {
        PrefixStore store = store(100);
        int[] tokens = run(0, 8);
        putAll(store, "a\n", tokens);
        for (String other : List.of("", "a", "a\nx", "b\n", "\na")) {
            assertEquals(0, found(store, other, tokens), other);
        }
        putAll(store, "b\n", tokens);
        assertEquals(4, store.stats().blocks(), "each scope has blocks of its own");
    }

    /** The same tokens behind others are not the same KV. */
    @Test
    void aBlockIsFoundBehindItsOwnPrefixOnly() {
        PrefixStore store = store(100);
        putAll(store, "a", 1, 2, 3, 4, 9, 9, 9, 9);
        putAll(store, "a", 5, 6, 7, 8);
        assertEquals(4, found(store, "a", 5, 6, 7, 8, 9, 9, 9, 9));
        assertEquals(0, found(store, "a", 9, 9, 9, 9));
        assertFalse(put(store, "a", 1, 7, 7, 7, 7, 9, 9, 9, 9), "nothing stands before it");
    }

    @Test
    void theOldestEndGoesFirst() {
        PrefixStore store = store(4);
        int[] one = run(0, 8);
        int[] two = run(100, 8);
        putAll(store, "a", one);
        putAll(store, "a", two);
        store.lease(chain(store, "a", one), 8).close(); // used again
        putAll(store, "a", 200, 201, 202, 203);
        assertEquals(8, found(store, "a", one));
        assertEquals(4, found(store, "a", two), "its end went, its beginning did not");
        putAll(store, "a", 300, 301, 302, 303);
        assertEquals(0, found(store, "a", two));
        assertEquals(8, found(store, "a", one));
        assertEquals(2, store.stats().evictedBlocks());
        assertEquals(4 * BLOCK_BYTES, store.stats().bytes());
    }

    @Test
    void whatIsHeldStays() {
        PrefixStore store = store(2);
        int[] held = run(0, 8);
        putAll(store, "a", held);
        PrefixLease lease = store.lease(chain(store, "a", held), 8);
        assertEquals(2, store.stats().pinnedBlocks());
        assertEquals(0, putAll(store, "a", run(100, 8)), "there is no room");
        assertEquals(stamp(held, 8), lease.block(1).layers().get(0).getInt(0));
        PrefixLease second = store.lease(chain(store, "a", held), 4);
        lease.close();
        lease.close();
        assertThrows(IllegalStateException.class, () -> lease.block(0));
        assertEquals(1, store.stats().pinnedBlocks());
        assertEquals(1, putAll(store, "a", run(100, 8)), "the end of the first may go");
        second.close();
        assertEquals(2, putAll(store, "a", run(100, 8)));
        assertEquals(0, store.stats().pinnedBlocks());
    }

    @Test
    void nothingIsHeldWithoutRoomForABlock() {
        PrefixStore store = new PrefixStore("model", BLOCK, KV_BYTES, BLOCK_BYTES - 1);
        assertEquals(0, putAll(store, "a", run(0, 8)));
        assertEquals(0, store.stats().bytes());
    }

    @Test
    void aBlockThatCannotBeFilledLeavesNothing() {
        PrefixStore store = store(2);
        int[] tokens = run(0, 8);
        BlockWriter failing =
                new BlockWriter() {
                    @Override
                    public KvBlock allocate(int count) {
                        return new Stamping(tokens).allocate(count);
                    }

                    @Override
                    public void write(KvBlock block) {
                        throw new IllegalStateException("on purpose");
                    }
                };
        for (int i = 0; i < 5; i++) {
            assertThrows(
                    IllegalStateException.class,
                    () -> store.put(chain(store, "a", tokens), 0, failing));
        }
        assertEquals(0, found(store, "a", tokens));
        assertEquals(2, putAll(store, "a", tokens), "its memory serves the next");
        assertEquals(2 * BLOCK_BYTES, store.stats().bytes());
    }

    @Test
    void withoutMemoryItGrowsNoMore() {
        PrefixStore store = store(10);
        int[] tokens = run(0, 8);
        assertEquals(2, putAll(store, "a", tokens));
        BlockWriter none =
                new BlockWriter() {
                    @Override
                    public KvBlock allocate(int count) {
                        throw new OutOfMemoryError("on purpose");
                    }

                    @Override
                    public void write(KvBlock block) {}
                };
        int[] other = run(50, 4);
        assertFalse(store.put(chain(store, "a", other), 0, none));
        assertEquals(2 * BLOCK_BYTES, store.stats().capacityBytes());
        assertTrue(
                store.put(chain(store, "a", other), 0, new Stamping(other)), "in another's place");
        assertEquals(4, found(store, "a", tokens));
    }

    @Test
    void theHitRatioIsWhatWasCounted() {
        PrefixStore store = store(10);
        store.count(100, 0);
        store.count(0, 64);
        assertEquals(100, store.stats().askedTokens());
        assertEquals(64, store.stats().hitTokens());
    }

    /** A block that were used again while somebody reads it would show another's stamp. */
    @Test
    void workersShareItAtTheSameTime() throws Exception {
        PrefixStore store = store(24);
        long seed = 7;
        ExecutorService workers = Executors.newFixedThreadPool(4);
        List<Future<Integer>> ends = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            ends.add(workers.submit(() -> work(store, random)));
        }
        int hits = 0;
        for (Future<Integer> end : ends) {
            hits += end.get(60, TimeUnit.SECONDS);
        }
        workers.shutdownNow();
        PrefixStats stats = store.stats();
        assertTrue(hits > 100, hits + " hits, seed " + seed);
        assertTrue(stats.evictedBlocks() > 100, stats.toString());
        assertEquals(0, stats.pinnedBlocks());
        assertTrue(stats.bytes() <= stats.capacityBytes(), stats.toString());
        assertEquals(24, putAll(store, "z", run(0, 24 * BLOCK)), "all of it can be used again");
    }

    private static int work(PrefixStore store, SplittableRandom random) {
        int hits = 0;
        for (int round = 0; round < 2_000; round++) {
            int[] tokens = new int[BLOCK * (1 + random.nextInt(8))];
            for (int b = 0; b < tokens.length / BLOCK; b++) {
                Arrays.fill(tokens, b * BLOCK, (b + 1) * BLOCK, random.nextInt(3));
            }
            String scope = random.nextBoolean() ? "a" : "b";
            try (PrefixLease lease = store.lease(chain(store, scope, tokens), tokens.length)) {
                putAll(store, scope, tokens);
                for (int i = 0; i < lease.tokens() / BLOCK; i++) {
                    int stamp = lease.block(i).layers().get(0).getInt(0);
                    assertEquals(stamp(tokens, (i + 1) * BLOCK), stamp);
                    hits++;
                }
            }
        }
        return hits;
    }
}
