package io.hfx.plugin.service;

import io.hfx.engine.sampling.TokenLogprobs;
import org.jspecify.annotations.Nullable;

/**
 * A token that the model gave.
 *
 * @param id of the token
 * @param ends whether it ends its sequence: an end-of-sequence token or one of {@link
 *     GenerationRequest#stopTokenIds()}. It counts as output and has no text.
 * @param logprobs where the request asks for them, else null
 */
public record Token(int id, boolean ends, @Nullable TokenLogprobs logprobs) {
    /** A token with text and without logprobs. */
    public static Token of(int id) {
        return new Token(id, false, null);
    }
}
