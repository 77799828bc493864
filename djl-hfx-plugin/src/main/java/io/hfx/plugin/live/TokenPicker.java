package io.hfx.plugin.live;

import io.hfx.engine.sampling.SampledSequence;
import io.hfx.engine.sampling.Sampler;
import io.hfx.engine.sampling.TokenLogprobs;
import io.hfx.plugin.service.GenerationRequest;
import io.hfx.plugin.service.Token;
import io.hfx.scheduler.request.SequenceKey;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses tokens as their requests say. Keeps what sampling needs of each sequence, made of its
 * token ids when it comes and dropped when it goes. Owned by one loop thread.
 */
final class TokenPicker {
    private final Sampler sampler = new Sampler();
    private final Map<SequenceKey, SampledSequence> sequences = new HashMap<>();
    private final Set<Integer> endTokens;

    TokenPicker(List<Integer> endTokens) {
        this.endTokens = Set.copyOf(endTokens);
    }

    /**
     * The next token of a sequence; to be added to its request before it is asked for again.
     *
     * @param logits one per token id; read only
     */
    Token pick(FloatBuffer logits, SequenceKey key, ActiveRequest active) {
        SampledSequence sequence = sequences.computeIfAbsent(key, k -> begin(k, active));
        int id = sampler.sample(logits, sequence);
        sequence.add(id);
        int alternatives = active.request().logprobs();
        TokenLogprobs logprobs =
                alternatives == GenerationRequest.NO_LOGPROBS
                        ? null
                        : sampler.logprobs(logits, id, alternatives);
        return new Token(id, sequence.ends(id), logprobs);
    }

    /** Drops what is kept of a sequence. */
    void release(SequenceKey key) {
        sequences.remove(key);
    }

    private SampledSequence begin(SequenceKey key, ActiveRequest active) {
        GenerationRequest request = active.request();
        Set<Integer> ends = new HashSet<>(request.stopTokenIds());
        if (!request.ignoreEos()) {
            ends.addAll(endTokens);
        }
        int[] prompt = request.prompts().get(key.index() / request.choices());
        SampledSequence sequence =
                new SampledSequence(
                        request.sampling(),
                        key.index() % request.choices(),
                        prompt,
                        ends,
                        request.minTokens());
        int outputTokens = active.length(key.index()) - prompt.length;
        for (int id : active.tokens(key.index(), prompt.length, outputTokens)) {
            sequence.add(id);
        }
        return sequence;
    }
}
