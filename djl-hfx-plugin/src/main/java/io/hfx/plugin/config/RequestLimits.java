package io.hfx.plugin.config;

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
    /** Those of a server that is told nothing. */
    public static final RequestLimits DEFAULTS =
            new RequestLimits(1024, 1_000_000, 1_000_000, 16, 64, 256, 1024, 2, 256);
}
