package io.hfx.engine.ort;

import io.hfx.engine.checkpoint.Rope;
import java.nio.FloatBuffer;
import java.util.function.DoubleUnaryOperator;

/**
 * Tables of the rotary position embedding (half-split pairing): row p, column i holds cos or sin of
 * p · frequency i. The angle is rounded to float32 before, as transformers does: at position
 * 100,000 that is a difference of up to 0.004, and what models were trained with.
 */
final class RotaryTable {
    private RotaryTable() {}

    static FloatBuffer cos(Rope rope, int headDim, int positions) {
        return table(rope, headDim, positions, Math::cos);
    }

    static FloatBuffer sin(Rope rope, int headDim, int positions) {
        return table(rope, headDim, positions, Math::sin);
    }

    private static FloatBuffer table(
            Rope rope, int headDim, int positions, DoubleUnaryOperator function) {
        float[] frequencies = rope.frequencies(headDim);
        double scale = rope.scale();
        FloatBuffer table = Tensors.newFloats((long) positions * frequencies.length);
        for (int position = 0; position < positions; position++) {
            for (float frequency : frequencies) {
                float angle = position * frequency;
                table.put((float) (function.applyAsDouble(angle) * scale));
            }
        }
        return table.flip();
    }
}
