package io.hfx.engine.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.executor.ExecutorContract;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.SlotSequence;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import io.hfx.engine.sample.SampleFixture;
import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.weights.ModelWeights;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The contract on ONNX Runtime, and what is its own: slots, ranges, forms of the weights. */
final class OrtExecutorTest extends ExecutorContract {
    private static final ModelWeights WEIGHTS =
            ModelWeights.load(SampleFixture.micro(SampleForm.LLAMA_MQA));
    private final OrtModel model = OrtModel.of(WEIGHTS, 1);

    @Override
    protected TokenExecutor create() {
        return new OrtExecutor(model, new OrtOptions(SLOTS, MAX_SEQUENCE_TOKENS, MAX_STEP_TOKENS));
    }

    @AfterEach
    void closeModel() {
        executor().close();
        model.close();
        model.close();
    }

    @Test
    void decodesOfNeighbouringSlotsShareARunAndGapsStartARange() {
        List<KvSequence> all = fill();
        StepInput input =
                new StepInput(
                        List.of(
                                chunk(all.get(3), 1, true),
                                chunk(all.get(2), 5, true),
                                chunk(all.get(0), 1, false),
                                chunk(all.get(1), 1, true)));
        StepLayout layout = StepLayout.of(input);
        assertEquals(
                List.of(
                        new StepLayout.Range(0, 0, 2, 1),
                        new StepLayout.Range(2, 3, 1, 1),
                        new StepLayout.Range(3, 2, 1, 5)),
                layout.ranges());
        assertEquals(8, layout.tokens());
        assertEquals(List.of(1, 2, -1, 0), Arrays.stream(layout.logitsRow()).boxed().toList());
        assertEquals(List.of(1, 2, 7), Arrays.stream(layout.wanted()).boxed().toList());
    }

    @Test
    void decodesGatherInTheLowSlots() {
        List<KvSequence> all = fill();
        all.get(0).close();
        all.get(2).close();
        step(chunk(all.get(1), 1, true), chunk(all.get(3), 1, true));
        assertEquals(1, ((SlotSequence) all.get(1)).slot());
        assertEquals(0, ((SlotSequence) all.get(3)).slot());
    }

    @Test
    void aSlotInAnOpenStepIsNeitherMovedNorReused() {
        List<KvSequence> all = fill();
        all.get(1).close();
        Segment held = chunk(all.get(3), 1, true);
        try (StepCursor open = executor().begin(new StepInput(List.of(held)))) {
            open.advance();
            step(chunk(all.get(0), 1, true), chunk(all.get(2), 1, true));
            assertEquals(3, ((SlotSequence) all.get(3)).slot());
            assertEquals(1, ((SlotSequence) all.get(2)).slot());
            KvSequence fresh = executor().open(5);
            assertEquals(2, ((SlotSequence) fresh).slot());
        }
    }

    @Test
    void theModelIsPackedOnceForAllAndSaysWhatItTakes() {
        assertSame(model.optimise(), executor().optimise());
        model.optimise().toCompletableFuture().join();
        assertTrue(model.prepacked());
        long matrices =
                TensorSpec.of(WEIGHTS.config()).stream()
                        .filter(spec -> !spec.name().contains("embed"))
                        .mapToLong(spec -> spec.elements() * Float.BYTES)
                        .sum();
        assertEquals(matrices, model.packedBytes());
    }

    @Test
    void closingAModelStopsItsPacking() {
        OrtModel other = OrtModel.of(WEIGHTS, 1);
        var stage = other.optimise().toCompletableFuture();
        other.close();
        assertTrue(stage.isDone());
        assertThrows(IllegalStateException.class, other::form);
    }

    @Test
    void refusesWeightsAndSizesThatDoNotFit() {
        FloatBuffer wrong = Tensors.newFloats(3);
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        new OrtModel(
                                                WEIGHTS.config(),
                                                "hash",
                                                name ->
                                                        name.endsWith("1.mlp.up_proj.weight")
                                                                ? wrong
                                                                : WEIGHTS.tensors().apply(name),
                                                1))
                        .getMessage();
        assertEquals(
                "model.layers.1.mlp.up_proj.weight has 3 values, config.json asks for [160, 64]"
                        + " = 10240",
                message);
        assertThrows(
                IllegalArgumentException.class,
                () -> new OrtExecutor(model, OrtOptions.of(1, 513)));
        assertThrows(IllegalArgumentException.class, () -> OrtOptions.of(0, 10));
        String tooLarge =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new KvPool(WEIGHTS.config(), 16384 + 1, 2048))
                        .getMessage();
        assertTrue(tooLarge.startsWith("16385 slots of 2048 tokens take 2147614720"), tooLarge);
        assertFalse(model.prepacked());
    }

    private List<KvSequence> fill() {
        List<KvSequence> all = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            KvSequence sequence = executor().open(40);
            run(chunk(sequence, 4 + i, false));
            all.add(sequence);
        }
        return all;
    }

    private void step(Segment... segments) {
        try (StepCursor cursor = executor().begin(new StepInput(List.of(segments)))) {
            while (!cursor.advance()) {}
        }
    }
}
