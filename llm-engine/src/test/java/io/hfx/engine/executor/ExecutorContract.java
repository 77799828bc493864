package io.hfx.engine.executor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every executor promises, whatever runs below it. */
public abstract class ExecutorContract {
    protected static final int SLOTS = 4;
    protected static final int MAX_SEQUENCE_TOKENS = 64;
    protected static final int MAX_STEP_TOKENS = 80;

    private TokenExecutor executor;

    /** A new executor of the sizes above. */
    protected abstract TokenExecutor create();

    @BeforeEach
    void open() {
        executor = create();
    }

    @AfterEach
    void close() {
        executor.close();
    }

    @Test
    void lengthsAreCommittedByTheLastSliceOnly() {
        KvSequence sequence = executor.open(40);
        StepCursor cursor = begin(chunk(sequence, 10, true));
        while (cursor.done() < cursor.slices() - 1) {
            assertFalse(cursor.advance());
            assertEquals(0, sequence.length());
        }
        assertThrows(IllegalStateException.class, () -> cursor.logits(0));
        assertTrue(cursor.advance());
        assertEquals(10, sequence.length());
        assertEquals(executor.spec().vocabulary(), cursor.logits(0).remaining());
        assertThrows(IllegalStateException.class, cursor::advance);
        cursor.close();
        cursor.close();
    }

    @Test
    void aClosedStepChangesNothingAndCanBeRetried() {
        KvSequence sequence = executor.open(40);
        run(chunk(sequence, 5, false));
        StepCursor given = begin(chunk(sequence, 7, true));
        given.advance();
        given.close();
        assertThrows(IllegalStateException.class, given::advance);
        assertEquals(5, sequence.length());
        run(chunk(sequence, 7, true));
        assertEquals(12, sequence.length());
    }

    @Test
    void aSecondStepRunsBetweenTheSlicesOfTheFirst() {
        KvSequence first = executor.open(40);
        KvSequence second = executor.open(40);
        try (StepCursor outer = begin(chunk(first, 9, true))) {
            outer.advance();
            run(chunk(second, 8, true));
            assertEquals(8, second.length());
            assertEquals(0, first.length());
            assertThrows(IllegalStateException.class, () -> begin(chunk(first, 1, true)));
            try (StepCursor inner = begin(chunk(second, 1, true))) {
                KvSequence third = executor.open(40);
                assertThrows(IllegalStateException.class, () -> begin(chunk(third, 1, true)));
                inner.advance();
            }
            finish(outer);
        }
        assertEquals(9, first.length());
    }

    @Test
    void logitsFollowTheOrderOfTheSegments() {
        KvSequence chunked = executor.open(40);
        KvSequence plain = executor.open(40);
        KvSequence decoding = executor.open(40);
        run(chunk(decoding, 12, false));
        StepInput mixed =
                new StepInput(
                        List.of(
                                chunk(chunked, 6, true),
                                chunk(plain, 3, false),
                                chunk(decoding, 1, true)));
        float[] first;
        float[] last;
        try (StepCursor cursor = executor.begin(mixed)) {
            finish(cursor);
            assertThrows(IllegalStateException.class, () -> cursor.logits(1));
            first = copy(cursor.logits(0));
            last = copy(cursor.logits(2));
        }
        for (KvSequence sequence : List.of(chunked, plain, decoding)) {
            sequence.close();
        }
        KvSequence alone = executor.open(40);
        close(first, run(chunk(alone, 6, true)));
        KvSequence decodingAlone = executor.open(40);
        run(chunk(decodingAlone, 12, false));
        close(last, run(chunk(decodingAlone, 1, true)));
    }

    @Test
    void slotsAreCountedAndComeBack() {
        List<KvSequence> all = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            all.add(executor.open(1));
        }
        assertThrows(KvExhaustedException.class, () -> executor.open(1));
        all.get(2).close();
        all.get(2).close();
        executor.open(1);
        assertThrows(KvExhaustedException.class, () -> executor.open(1));
    }

    @Test
    void aSequenceClosedInAStepKeepsItsSlotUntilTheStepEnds() {
        KvSequence kept = executor.open(40);
        for (int i = 1; i < SLOTS; i++) {
            executor.open(1);
        }
        StepCursor cursor = begin(chunk(kept, 5, true));
        cursor.advance();
        kept.close();
        assertThrows(KvExhaustedException.class, () -> executor.open(1));
        cursor.close();
        executor.open(1);
    }

    @Test
    void exportAndRestoreCarryASequenceOver() {
        try (TokenExecutor other = create()) {
            KvSequence from = executor.open(40);
            run(chunk(from, 20, false));
            KvSequence to = other.open(40);
            other.restore(to, executor.export(from, 0, 8));
            other.restore(to, executor.export(from, 8, 20));
            assertEquals(20, to.length());
            float[] here = run(chunk(from, 1, true));
            Segment next = chunk(to, 1, true);
            try (StepCursor cursor = other.begin(new StepInput(List.of(next)))) {
                finish(cursor);
                close(here, copy(cursor.logits(0)));
            }
        }
    }

    @Test
    void aForkIsAnotherSequence() {
        KvSequence from = executor.open(40);
        run(chunk(from, 20, false));
        KvSequence to = executor.open(40);
        executor.fork(from, to, 15);
        assertEquals(15, to.length());
        run(chunk(to, 5, false));
        close(run(chunk(from, 1, true)), run(chunk(to, 1, true)));
        assertEquals(21, to.length());
    }

    @Test
    void refusesWhatACallerMustNotAsk() {
        KvSequence sequence = executor.open(10);
        refused("token id " + executor.spec().vocabulary(), sequence, executor.spec().vocabulary());
        refused("token id -1", sequence, -1);
        refused("exceed the 10 reserved", sequence, new int[11]);
        assertRefused("reserveTokens must be 1 to 64, was 65", () -> executor.open(65));
        assertRefused("reserveTokens must be 1 to 64, was 0", () -> executor.open(0));
        Segment twice = chunk(sequence, 1, true);
        assertRefused("twice", () -> executor.begin(new StepInput(List.of(twice, twice))));
        KvSequence wide = executor.open(64);
        KvSequence other = executor.open(64);
        StepInput large = new StepInput(List.of(chunk(wide, 41, true), chunk(other, 40, true)));
        assertRefused("a step of 81 tokens, allowed are 80", () -> executor.begin(large));
        assertRefused("positions [0, 1)", () -> executor.export(sequence, 0, 1));
        assertRefused("empty target", () -> executor.fork(sequence, sequence, 0));
        assertRefused("fork of 1 tokens", () -> executor.fork(sequence, wide, 1));
        try (TokenExecutor stranger = create()) {
            Segment foreign = chunk(stranger.open(10), 1, true);
            assertRefused("another executor", () -> begin(foreign));
        }
        sequence.close();
        assertThrows(IllegalStateException.class, () -> begin(chunk(sequence, 1, true)));
    }

    @Test
    void refusesABlockThatDoesNotFit() {
        KvSequence from = executor.open(20);
        run(chunk(from, 10, false));
        KvBlock block = executor.export(from, 0, 10);
        KvSequence to = executor.open(8);
        assertRefused("exceed the 8 reserved", () -> executor.restore(to, block));
        assertRefused("does not continue", () -> executor.restore(from, block));
        KvSequence fresh = executor.open(20);
        KvBlock foreign = new KvBlock("other", block.dtype(), 0, block.tokens(), block.layers());
        assertRefused("of model other", () -> executor.restore(fresh, foreign));
        KvBlock cut = new KvBlock(block.modelHash(), block.dtype(), 0, 9, block.layers());
        assertRefused("bytes", () -> executor.restore(fresh, cut));
        assertEquals(0, fresh.length());
    }

    @Test
    void aClosedExecutorRefusesAndClosesItsSteps() {
        KvSequence sequence = executor.open(10);
        StepCursor cursor = begin(chunk(sequence, 5, true));
        executor.close();
        executor.close();
        assertThrows(IllegalStateException.class, cursor::advance);
        assertThrows(IllegalStateException.class, () -> executor.open(1));
        sequence.close();
    }

    protected final float[] run(Segment segment) {
        try (StepCursor cursor = begin(segment)) {
            finish(cursor);
            return segment.wantLogits() ? copy(cursor.logits(0)) : new float[0];
        }
    }

    protected final TokenExecutor executor() {
        return executor;
    }

    /** Tokens that depend on their position only, so that equal positions mean equal content. */
    protected static Segment chunk(KvSequence sequence, int tokens, boolean wantLogits) {
        int[] ids = new int[tokens];
        Arrays.setAll(ids, i -> (sequence.length() + i) * 7 % 50);
        return new Segment(sequence, ids, wantLogits);
    }

    private StepCursor begin(Segment segment) {
        return executor.begin(new StepInput(List.of(segment)));
    }

    private static void finish(StepCursor cursor) {
        while (!cursor.advance()) {}
    }

    private static float[] copy(FloatBuffer logits) {
        float[] values = new float[logits.remaining()];
        logits.get(values);
        return values;
    }

    private static void close(float[] expected, float[] actual) {
        assertArrayEquals(expected, actual, 1e-3f);
    }

    private void refused(String part, KvSequence sequence, int... tokens) {
        assertRefused(part, () -> begin(new Segment(sequence, tokens, true)));
    }

    private static void assertRefused(String part, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(part), message);
    }
}
