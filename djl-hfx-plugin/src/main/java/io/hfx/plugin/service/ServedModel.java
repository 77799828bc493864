package io.hfx.plugin.service;

import io.hfx.engine.text.ChatTemplate;
import io.hfx.engine.text.Tokenizer;
import org.jspecify.annotations.Nullable;

/**
 * What the front must know of a model.
 *
 * @param id as clients name it in {@code model}
 * @param tokenizer of the checkpoint; thread-safe
 * @param chatTemplate of the checkpoint, or null where it has none
 * @param maxSequenceTokens most tokens of prompt and output together
 * @param createdSeconds Unix time of the load, for {@code /v1/models}
 */
public record ServedModel(
        String id,
        Tokenizer tokenizer,
        @Nullable ChatTemplate chatTemplate,
        int maxSequenceTokens,
        long createdSeconds) {}
