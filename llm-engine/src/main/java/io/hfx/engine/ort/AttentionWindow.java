package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.ExecutorException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.Map;

/**
 * The attribute of GroupQueryAttention that makes a token see itself and so many before it that
 * they are the window. Versions of ONNX Runtime count differently: up to 1.21.1 at least, a {@code
 * local_window_size} of n lets a token see n others and itself, in 1.29.0 itself and n - 1 others.
 * So the operator is asked once, by a run over two tokens.
 */
final class AttentionWindow {
    private static final int NONE = -1;
    private static final int HEAD_DIM = 16;

    /** Asked when the first window is, and then kept. */
    private static final class Counting {
        /** What to take off a window to get the attribute: 0 or 1. */
        static final int UNCOUNTED = uncounted();
    }

    private AttentionWindow() {}

    /**
     * @param windowTokens at least 2, or {@link ModelConfig#WHOLE}
     */
    static long attribute(int windowTokens) {
        return windowTokens == ModelConfig.WHOLE ? NONE : windowTokens - Counting.UNCOUNTED;
    }

    /**
     * Two tokens of equal keys and of values 0 and 1 under an attribute of 1: the second gives 1 if
     * it sees itself alone, and 1/2 if it sees both.
     */
    private static int uncounted() {
        byte[] graph = new DecoderGraphs(probe(), false).attention(1);
        FloatBuffer qkv = Tensors.newFloats(2L * 3 * HEAD_DIM);
        qkv.put(5 * HEAD_DIM, 1); // first element of the second token's value
        FloatBuffer seen = Tensors.newFloats(2L * HEAD_DIM);
        IntBuffer lengths = Tensors.newInts(2).put(0, 1).put(1, 2);
        try (OnnxTensor packed = Tensors.of(qkv, 1, 2, 3 * HEAD_DIM);
                OnnxTensor att = Tensors.of(seen, 1, 2, HEAD_DIM);
                OnnxTensor keys = Tensors.of(Tensors.newFloats(2L * HEAD_DIM), 1, 1, 2, HEAD_DIM);
                OnnxTensor values =
                        Tensors.of(Tensors.newFloats(2L * HEAD_DIM), 1, 1, 2, HEAD_DIM);
                OnnxTensor last = Tensors.of(lengths.slice(0, 1), 1);
                OnnxTensor longest = Tensors.of(lengths.slice(1, 1));
                OnnxTensor table = Tensors.of(Tensors.newFloats(HEAD_DIM), 2, HEAD_DIM / 2);
                OrtSession session = WeightForm.open("the window probe", graph, Map.of(), 1)) {
            Map<String, OnnxTensor> inputs =
                    Map.of(
                            "qkv", packed,
                            "past_key", keys,
                            "past_value", values,
                            "lengths", last,
                            "longest", longest,
                            "cos", table,
                            "sin", table);
            Map<String, OnnxTensor> outputs =
                    Map.of("att", att, "present_key", keys, "present_value", values);
            session.run(inputs, outputs).close();
        } catch (OrtException e) {
            throw new ExecutorException("asking GroupQueryAttention how it counts windows", e);
        }
        return seen.get(HEAD_DIM) > 0.75 ? 0 : 1;
    }

    private static ModelConfig probe() {
        return ModelConfig.parse(
                """
                {"model_type": "llama", "num_hidden_layers": 1, "hidden_size": 16,
                 "num_attention_heads": 1, "intermediate_size": 16, "vocab_size": 16,
                 "max_position_embeddings": 2}
                """);
    }
}
