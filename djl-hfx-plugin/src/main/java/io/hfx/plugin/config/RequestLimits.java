package io.hfx.plugin.config;

import java.util.function.UnaryOperator;

/**
 * Bounds of one generation request, and of all of them together.
 *
 * @param inFlight requests accepted and unfinished (429 beyond)
 * @param promptTokens of one prompt; the model's context bounds it too
 * @param outputTokens that {@code max_tokens} may ask for; the model's context bounds it too
 * @param choices that {@code n} may ask for
 * @param prompts in one completions request
 * @param stopChars of one stop string, in UTF-16 units
 * @param logitBiases entries of one {@code logit_bias}
 * @param parserThreads that parse and tokenise requests
 * @param parserQueue requests that may wait for such a thread (429 beyond)
 */
public record RequestLimits(
        int inFlight,
        int promptTokens,
        int outputTokens,
        int choices,
        int prompts,
        int stopChars,
        int logitBiases,
        int parserThreads,
        int parserQueue) {
    /** Reads them from the checked text of every key. */
    public static RequestLimits of(UnaryOperator<String> text) {
        return new RequestLimits(
                ServerConfig.number(text, "hfx_max_requests"),
                ServerConfig.number(text, "hfx_max_prompt_tokens"),
                ServerConfig.number(text, "hfx_max_output_tokens"),
                ServerConfig.number(text, "hfx_max_choices"),
                ServerConfig.number(text, "hfx_max_prompts"),
                ServerConfig.number(text, "hfx_max_stop_chars"),
                ServerConfig.number(text, "hfx_max_logit_bias"),
                ServerConfig.number(text, "hfx_parser_threads"),
                ServerConfig.number(text, "hfx_parser_queue"));
    }
}
