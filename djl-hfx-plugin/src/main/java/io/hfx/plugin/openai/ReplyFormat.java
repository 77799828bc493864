package io.hfx.plugin.openai;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON of one endpoint's answers. */
interface ReplyFormat {
    /** The first event of a choice, or null where the endpoint has none. */
    @Nullable String opening(int choice);

    /** One event with text, and its token where logprobs are asked for. */
    String delta(int choice, String text, @Nullable ScoredToken token);

    /** The last event of a choice. */
    String closing(int choice, String finishReason);

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
     * @param completionTokens of all choices
     */
    record Usage(int promptTokens, int completionTokens) {}
}
