package io.hfx.engine.ort;

/**
 * Sizes of one executor.
 *
 * @param slots sequences that hold KV at the same time, 1 to 4096
 * @param maxSequenceTokens most tokens of one sequence, 1 to the model's positions
 * @param maxStepTokens most new tokens of one step, decodes and chunks together
 */
public record OrtOptions(int slots, int maxSequenceTokens, int maxStepTokens) {
    public OrtOptions {
        check("slots", slots, 4096);
        check("maxSequenceTokens", maxSequenceTokens, 1 << 20);
        check("maxStepTokens", maxStepTokens, 1 << 20);
    }

    /** A step may take one whole sequence and a decode of every other. */
    public static OrtOptions of(int slots, int maxSequenceTokens) {
        return new OrtOptions(slots, maxSequenceTokens, maxSequenceTokens + slots);
    }

    private static void check(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + " must be 1 to " + most + ", was " + value);
        }
    }
}
