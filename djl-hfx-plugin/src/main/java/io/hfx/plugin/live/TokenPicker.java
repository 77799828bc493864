package io.hfx.plugin.live;

import io.hfx.engine.sampling.Sampler;
import io.hfx.plugin.service.GenerationRequest;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Set;

/** Chooses tokens as the request says, and knows which end it. Owned by one loop thread. */
final class TokenPicker {
    private final Sampler sampler = new Sampler();
    private final Set<Integer> endTokens;

    TokenPicker(List<Integer> endTokens) {
        this.endTokens = Set.copyOf(endTokens);
    }

    /**
     * The next token.
     *
     * @param logits one per token id; read only
     * @param choice of the request, from 0
     * @param position of the new token, counted over prompt and output
     */
    int pick(FloatBuffer logits, GenerationRequest request, int choice, int position) {
        return sampler.sample(logits, request.sampling(), choice, position);
    }

    /** Whether this token ends a sequence of the request. */
    boolean ends(int tokenId, GenerationRequest request) {
        return !request.ignoreEos() && endTokens.contains(tokenId);
    }
}
