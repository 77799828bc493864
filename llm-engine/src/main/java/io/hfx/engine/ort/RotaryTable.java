package io.hfx.engine.ort;

import io.hfx.engine.checkpoint.ModelConfig;
import java.nio.FloatBuffer;
import java.util.function.DoubleUnaryOperator;

/**
 * Tables of the rotary position embedding (Su et al. 2021, half-split pairing): row p, column i
 * holds cos or sin of p · theta^(-2i/headDim), computed in double.
 */
final class RotaryTable {
    private RotaryTable() {}

    /** Angle per position of each pair, headDim / 2 values. */
    static double[] frequencies(ModelConfig config) {
        double[] frequencies = new double[config.headDim() / 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Math.pow(config.ropeTheta(), -2.0 * i / config.headDim());
        }
        return frequencies;
    }

    static FloatBuffer cos(double[] frequencies, int positions) {
        return table(frequencies, positions, Math::cos);
    }

    static FloatBuffer sin(double[] frequencies, int positions) {
        return table(frequencies, positions, Math::sin);
    }

    private static FloatBuffer table(
            double[] frequencies, int positions, DoubleUnaryOperator function) {
        FloatBuffer table = Tensors.newFloats((long) positions * frequencies.length);
        for (int position = 0; position < positions; position++) {
            for (double frequency : frequencies) {
                table.put((float) function.applyAsDouble(position * frequency));
            }
        }
        return table.flip();
    }
}
