package io.hfx.engine.executor;

/**
 * New tokens of one sequence in a step: a prefill chunk, or one token to decode.
 *
 * @param sequence whose committed length is the position of the first new token
 * @param tokens the new token ids, at least one; not copied, not changed
 * @param wantLogits whether the logits after the last of them are needed
 */
public record Segment(KvSequence sequence, int[] tokens, boolean wantLogits) {
    public Segment {
        if (tokens.length == 0) {
            throw new IllegalArgumentException("a segment needs at least one token");
        }
    }
}
