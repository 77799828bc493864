package io.hfx.engine.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.hfx.engine.executor.SelfTest;
import io.hfx.engine.executor.SelfTest.Answer;
import io.hfx.engine.sample.SampleFixture;
import io.hfx.engine.weights.ModelWeights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** A copy of a model proves itself; what is not the model does not. */
class SelfTestTest {
    private static final ModelWeights WEIGHTS = ModelWeights.load(SampleFixture.TINY);
    private static final SelfTest TEST = ask(WEIGHTS.tensors(), SelfTest::of).orElseThrow();

    private static <T> T ask(
            Function<String, FloatBuffer> tensors, Function<OrtExecutor, T> question) {
        try (OrtModel model = new OrtModel(WEIGHTS.config(), "x", tensors, 1);
                OrtExecutor executor =
                        new OrtExecutor(model, OrtOptions.of(1, SelfTest.CONTEXT_TOKENS))) {
            return question.apply(executor);
        }
    }

    private static Function<String, FloatBuffer> changed(
            String tensor, UnaryOperator<FloatBuffer> how) {
        return name -> {
            FloatBuffer values = WEIGHTS.tensors().apply(name);
            if (!name.equals(tensor)) {
                return values;
            }
            FloatBuffer copy =
                    ByteBuffer.allocateDirect(values.remaining() * Float.BYTES)
                            .order(ByteOrder.nativeOrder())
                            .asFloatBuffer();
            return how.apply(copy.put(values).flip());
        };
    }

    @Test
    void aCopyProvesItself() {
        assertEquals(16, TEST.answers().size());
        assertTrue(
                TEST.answers().stream().filter(a -> a.margin() >= 1e-3f).count() >= 12,
                TEST.toString());
        assertEquals(Optional.empty(), ask(WEIGHTS.tensors(), TEST::mismatch));
    }

    @Test
    void anotherModelDoesNot() {
        Function<String, FloatBuffer> zeroed =
                changed(
                        "model.layers.1.mlp.down_proj.weight",
                        values -> {
                            for (int i = 0; i < values.capacity(); i++) {
                                values.put(i, 0);
                            }
                            return values;
                        });
        assertTrue(ask(zeroed, TEST::mismatch).isPresent());
        Function<String, FloatBuffer> broken =
                changed("model.norm.weight", values -> values.put(3, Float.NaN));
        assertTrue(ask(broken, TEST::mismatch).isPresent());
    }

    /** All logits are alike. */
    @Test
    void aModelThatIsCertainOfNothingHasNone() {
        Function<String, FloatBuffer> zeroed =
                changed(
                        "model.norm.weight",
                        values -> {
                            for (int i = 0; i < values.capacity(); i++) {
                                values.put(i, 0);
                            }
                            return values;
                        });
        assertEquals(Optional.empty(), ask(zeroed, SelfTest::of));
    }

    /** Near a tie the copy may decide otherwise, and goes on from the model's token. */
    @Test
    void anUncertainTokenIsNotCompared() {
        List<Answer> answers = new ArrayList<>(TEST.answers());
        Answer last = answers.remove(answers.size() - 1);
        int other = (last.token() + 1) % WEIGHTS.config().vocabulary();
        answers.add(new Answer(other, 0.5e-3f));
        SelfTest uncertain = new SelfTest(TEST.prompt(), answers);
        assertEquals(Optional.empty(), ask(WEIGHTS.tensors(), uncertain::mismatch));
        answers.set(answers.size() - 1, new Answer(other, 1));
        SelfTest certain = new SelfTest(TEST.prompt(), answers);
        assertTrue(ask(WEIGHTS.tensors(), certain::mismatch).isPresent());
    }

    @Test
    void whatProvesNothingIsNoTest() {
        List<Answer> ties = List.of(new Answer(1, 0));
        assertThrows(IllegalArgumentException.class, () -> new SelfTest(List.of(1), ties));
        SelfTest unknown = new SelfTest(List.of(1 << 30), List.of(new Answer(1, 1)));
        assertTrue(ask(WEIGHTS.tensors(), unknown::mismatch).isPresent());
    }
}
