package io.hfx.plugin.service;

import io.hfx.engine.sampling.SamplingParams;
import io.hfx.scheduler.slo.SloClass;
import java.util.List;

/**
 * A checked request on its way to a model. Sequence {@code p * choices + c} is choice {@code c} of
 * prompt {@code p}.
 *
 * @param id unique within the server's life
 * @param prompts token ids of each prompt, at least one, none empty; not copied
 * @param choices sequences per prompt, at least 1
 * @param sampling how tokens are chosen; a choice draws from its own stream of the seed
 * @param maxTokens most output tokens of a sequence, at least 1; prompt and output fit the model
 * @param ignoreEos whether the end-of-sequence token does not end a sequence
 * @param sloClass the class with the objectives that hold for this request
 * @param priority DJL's meaning: lower goes first; 3 where not stated
 * @param readAtNanos {@link System#nanoTime()} when the request had been read
 */
public record GenerationRequest(
        long id,
        List<int[]> prompts,
        int choices,
        SamplingParams sampling,
        int maxTokens,
        boolean ignoreEos,
        SloClass sloClass,
        int priority,
        long readAtNanos) {
    public GenerationRequest {
        prompts = List.copyOf(prompts);
    }

    public int sequences() {
        return prompts.size() * choices;
    }
}
