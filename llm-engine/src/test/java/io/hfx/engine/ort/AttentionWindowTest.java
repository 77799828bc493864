package io.hfx.engine.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.sample.SampleFixture;
import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.weights.ModelWeights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A window of w lets a token see itself and the w - 1 before it, whatever the runtime counts. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AttentionWindowTest {
    private static final int TOKENS = 50;

    private OrtModel model;
    private OrtExecutor executor;

    @BeforeAll
    void open() {
        model = OrtModel.of(ModelWeights.load(SampleFixture.micro(SampleForm.QWEN2_WINDOW)), 1);
        executor = new OrtExecutor(model, OrtOptions.of(2, 100));
    }

    @AfterAll
    void close() {
        executor.close();
        model.close();
    }

    @Test
    void layersOfOneWindowShareASession() {
        assertEquals(List.of(0, 16, 16, 16), model.config().windowTokens());
        assertEquals(model.attention(1), model.attention(3));
        assertNotEquals(model.attention(0), model.attention(1));
        assertEquals(-1, AttentionWindow.attribute(ModelConfig.WHOLE));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void theOldestTokenInAWindowCountsAndTheOneBeforeDoesNot(int newTokens) {
        // The first of the new tokens is at position TOKENS and looks back furthest.
        int oldest = TOKENS - 15;
        FloatBuffer whole = after(newTokens, 1, -1);
        for (int layer = 1; layer < 4; layer++) {
            assertEquals(whole, after(newTokens, layer, oldest - 1), "layer " + layer);
            if (newTokens == 1 || layer < 3) { // what the last layer gave it stays with it
                assertNotEquals(whole, after(newTokens, layer, oldest), "layer " + layer);
            }
        }
        assertNotEquals(whole, after(newTokens, 0, 0), "a layer without a window");
    }

    /** Logits after some new tokens, with the KV of one layer zeroed up to a position. */
    private FloatBuffer after(int newTokens, int layer, int zeroedTo) {
        try (KvSequence sequence = executor.open(80);
                KvSequence damaged = executor.open(80)) {
            run(sequence, IntStream.range(0, TOKENS).map(i -> i * 31 % 600).toArray());
            KvBlock block = executor.export(sequence, 0, TOKENS);
            zero(block, layer, zeroedTo);
            executor.restore(damaged, block);
            return run(damaged, IntStream.range(7, 7 + newTokens).toArray());
        }
    }

    private void zero(KvBlock block, int layer, int to) {
        int headDim = model.config().headDim();
        ByteBuffer bytes = block.layers().get(layer).order(ByteOrder.nativeOrder());
        for (int part = 0; part < 2 * model.config().kvHeads(); part++) {
            for (int i = 0; i < (to + 1) * headDim; i++) {
                bytes.putFloat((part * block.tokens() * headDim + i) * Float.BYTES, 0);
            }
        }
    }

    /** A copy of the logits of the last token. */
    private FloatBuffer run(KvSequence sequence, int... tokens) {
        Segment segment = new Segment(sequence, tokens, true);
        try (StepCursor cursor = executor.begin(new StepInput(List.of(segment)))) {
            while (!cursor.advance()) {}
            FloatBuffer logits = cursor.logits(0);
            return FloatBuffer.allocate(logits.remaining()).put(logits.duplicate()).flip();
        }
    }
}
