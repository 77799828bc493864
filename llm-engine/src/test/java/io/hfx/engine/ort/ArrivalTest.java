package io.hfx.engine.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.sample.SampleFixture;
import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.weights.ModelWeights;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models whose weights come when they are waited for, and not a tensor before. */
class ArrivalTest {
    private static final OrtOptions OPTIONS = OrtOptions.of(1, SelfTest.CONTEXT_TOKENS);

    private final Set<String> awaited = new LinkedHashSet<>();

    /**
     * Weights that are zero until their arrival is waited for; {@code before} hears of that first.
     */
    private ModelWeights arriving(ModelWeights source, Consumer<String> before) {
        Map<String, FloatBuffer> memory = new HashMap<>();
        TensorSpec.of(source.config())
                .forEach(spec -> memory.put(spec.name(), Tensors.newFloats(spec.elements())));
        return new ModelWeights(
                source.config(),
                source.modelHash(),
                name -> memory.get(name).duplicate(),
                name -> {
                    before.accept(name);
                    memory.get(name).duplicate().put(source.tensors().apply(name));
                    assertTrue(awaited.add(name), name + " was waited for twice");
                });
    }

    private static List<String> names(ModelWeights weights) {
        return TensorSpec.of(weights.config()).stream().map(TensorSpec::name).toList();
    }

    @ParameterizedTest
    @EnumSource(SampleForm.class)
    void everyTensorIsWaitedForOnceBeforeItIsReadAndInTheOrderOfTheImage(SampleForm form) {
        ModelWeights source = ModelWeights.load(SampleFixture.micro(form));
        SelfTest test;
        try (OrtModel model = OrtModel.of(source, 1);
                OrtExecutor executor = new OrtExecutor(model, OPTIONS)) {
            test = SelfTest.of(executor).orElseThrow();
        }
        try (OrtModel model = OrtModel.of(arriving(source, name -> {}), 1);
                OrtExecutor executor = new OrtExecutor(model, OPTIONS)) {
            assertTrue(awaited.isEmpty(), "no session needs a weight");
            assertEquals(Optional.empty(), test.mismatch(executor));
            assertEquals(names(source), List.copyOf(awaited));
        }
    }

    @Test
    void thePackedFormWaitsToo() {
        ModelWeights source = ModelWeights.load(SampleFixture.micro(SampleForm.LLAMA));
        SelfTest test;
        try (OrtModel model = OrtModel.of(source, 1);
                OrtExecutor executor = new OrtExecutor(model, OPTIONS)) {
            test = SelfTest.of(executor).orElseThrow();
        }
        try (OrtModel model = OrtModel.of(arriving(source, name -> {}), 1);
                OrtExecutor executor = new OrtExecutor(model, OPTIONS)) {
            model.optimise().toCompletableFuture().join();
            assertEquals(names(source), List.copyOf(awaited));
            assertTrue(model.prepacked());
            assertEquals(Optional.empty(), test.mismatch(executor));
        }
    }

    /** The first layers run; what the failure of a later one leaves behind can be closed. */
    @Test
    void aStepRunsAsFarAsWeightsHaveCome() {
        ModelWeights source = ModelWeights.load(SampleFixture.micro(SampleForm.LLAMA));
        String lost = "model.layers.1.self_attn.q_proj.weight";
        IllegalStateException why = new IllegalStateException("the seed died");
        Consumer<String> dying =
                name -> {
                    if (name.equals(lost)) {
                        throw why;
                    }
                };
        try (OrtModel model = OrtModel.of(arriving(source, dying), 1);
                OrtExecutor executor = new OrtExecutor(model, OPTIONS);
                KvSequence sequence = executor.open(8)) {
            Segment segment = new Segment(sequence, new int[] {1, 2, 3}, true);
            try (StepCursor cursor = executor.begin(new StepInput(List.of(segment)))) {
                assertFalse(cursor.advance());
                assertEquals(1, cursor.done());
                assertFalse(awaited.contains("model.layers.0.mlp.down_proj.weight"));
                assertSame(why, assertThrows(IllegalStateException.class, cursor::advance));
                assertEquals(1, cursor.done());
                assertTrue(awaited.contains("model.layers.0.mlp.down_proj.weight"));
                assertFalse(awaited.contains(lost));
            }
            assertEquals(0, sequence.length());
        }
    }
}
