package io.hfx.plugin.openai;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON of one endpoint's answers. Events take the usage up to them, or null where they do not
 * tell it.
 */
interface ReplyFormat {
    /** The first event of a choice, or null where it has none. */
    @Nullable String opening(int choice, @Nullable Usage soFar);

    /** One event with text, and its token where logprobs are asked for. */
    String delta(int choice, String text, @Nullable ScoredToken token, @Nullable Usage soFar);

    /** The last event of a choice. */
    String closing(int choice, String finishReason, @Nullable Usage soFar);

    /** The event with the usage of the whole request. */
    String usage(Usage usage);

    /** A whole answer. */
    String whole(List<Choice> choices, Usage usage);

    /**
     * One complete choice.
     *
     * @param text its output
     * @param tokens its tokens, or null where logprobs are not asked for
     * @param finishReason {@code stop} or {@code length}
     */
    record Choice(String text, @Nullable List<ScoredToken> tokens, String finishReason) {}

    /**
     * Token counts of a request.
     *
     * @param promptTokens of all prompts, each counted once
     * @param cachedTokens those of them whose KV was taken from a cache
     * @param completionTokens of all choices
     */
    record Usage(int promptTokens, int cachedTokens, int completionTokens) {}
}
