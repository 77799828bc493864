package io.hfx.engine.emulated;

import java.util.Set;

/**
 * What an emulated executor pretends to be.
 *
 * @param modelHash identity of the pretended model; the tokens follow from it
 * @param vocabulary number of token ids, 2 or more
 * @param slots sequences that hold KV at the same time, 1 or more
 * @param maxSequenceTokens most tokens of one sequence, 1 or more
 * @param maxStepTokens most new tokens of one step, 1 or more
 * @param kvBytesPerToken size of the pretended KV of one token, 1 or more
 * @param slices parts of a step between which it can be interrupted, 1 or more
 * @param neverTokens ids that it never chooses, such as end tokens; not all
 */
public record EmulatedOptions(
        String modelHash,
        int vocabulary,
        int slots,
        int maxSequenceTokens,
        int maxStepTokens,
        int kvBytesPerToken,
        int slices,
        Set<Integer> neverTokens) {
    public EmulatedOptions {
        check("vocabulary", vocabulary, 2);
        check("slots", slots, 1);
        check("maxSequenceTokens", maxSequenceTokens, 1);
        check("maxStepTokens", maxStepTokens, 1);
        check("kvBytesPerToken", kvBytesPerToken, 1);
        check("slices", slices, 1);
        neverTokens = Set.copyOf(neverTokens);
        if (neverTokens.size() >= vocabulary) {
            throw new IllegalArgumentException("neverTokens must leave a token to choose");
        }
    }

    private static void check(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(
                    name + " must be at least " + least + ", was " + value);
        }
    }
}
