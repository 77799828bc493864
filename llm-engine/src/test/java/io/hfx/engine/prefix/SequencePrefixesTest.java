package io.hfx.engine.prefix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.executor.KvBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Blocks of 4 tokens; every sequence has the tokens 0, 1, 2 and so on. */
class SequencePrefixesTest {
    private static final int BLOCK = 4;

    private final PrefixStore store =
            new PrefixStore("model", BLOCK, 1, PrefixStore.bytes(10 * BLOCK, BLOCK, 1));
    private final SequencePrefixes<String> sequences = new SequencePrefixes<>(store);

    private static final BlockWriter WRITER =
            new BlockWriter() {
                @Override
                public KvBlock allocate(int tokens) {
                    return new KvBlock("model", "F32", 0, tokens, List.of());
                }

                @Override
                public void write(KvBlock block) {}
            };

    private BlockChain chain() {
        return store.chain(
                "",
                (from, count) -> {
                    int[] tokens = new int[count];
                    for (int i = 0; i < count; i++) {
                        tokens[i] = from + i;
                    }
                    return tokens;
                });
    }

    private int come(String name, int length) {
        return sequences.come(name, chain(), () -> length);
    }

    /** One that is computed from nothing. */
    private void compute(String name, int length) {
        come(name, length);
        sequences.begin(name);
        sequences.grown(name, length, WRITER);
    }

    @Test
    void aHitIsWholeBlocksAndNeverTheLastToken() {
        compute("first", 10);

        assertEquals(2, store.stats().blocks(), "10 tokens fill two blocks");
        assertEquals(0, come("a", 4), "its only block ends with its last token");
        assertEquals(4, come("b", 5));
        assertEquals(4, come("c", 8));
        assertEquals(8, come("d", 100));
        assertEquals(2, store.stats().pinnedBlocks());
    }

    @Test
    void whatIsHeldIsGivenOnceItBegins() {
        compute("first", 9);
        come("second", 9);
        assertThrows(
                IllegalStateException.class, () -> sequences.restore("second", 0, 8, block -> {}));

        assertTrue(sequences.begin("second"));
        assertFalse(sequences.begin("second"));
        List<Integer> positions = new ArrayList<>();
        sequences.restore("second", 0, 4, block -> positions.add(block.fromToken()));
        assertEquals(2, store.stats().pinnedBlocks(), "the rest is still to come");
        sequences.restore("second", 4, 4, block -> positions.add(block.fromToken()));

        assertEquals(List.of(0, 4), positions);
        assertEquals(0, store.stats().pinnedBlocks());
        assertThrows(
                IllegalStateException.class, () -> sequences.restore("second", 8, 4, block -> {}));
    }

    @Test
    void thoseThatWaitHearOfMoreOnce() {
        assertEquals(0, come("waits", 20));
        compute("first", 9);

        assertEquals(Map.of("waits", 8), sequences.news());
        assertEquals(Map.of(), sequences.news());
        sequences.grown("first", 12, WRITER);
        assertEquals(Map.of("waits", 12), sequences.news());
    }

    @Test
    void onePreemptedMayTakeWhatItLeft() {
        compute("first", 9);
        sequences.preempted("first");
        assertEquals(Map.of("first", 8), sequences.news());

        sequences.leave("first");
        sequences.leave("first");
        assertEquals(0, store.stats().pinnedBlocks());
        assertFalse(sequences.begin("first"));
    }

    @Test
    void closedItHoldsNothing() {
        compute("first", 9);
        come("second", 9);
        sequences.close();

        assertEquals(0, store.stats().pinnedBlocks());
        assertEquals(2, store.stats().blocks());
    }
}
