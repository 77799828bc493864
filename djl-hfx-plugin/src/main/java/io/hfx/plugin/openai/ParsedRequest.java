package io.hfx.plugin.openai;

import java.util.List;

/**
 * A generation request whose body is checked and tokenised.
 *
 * @param parameters the shared fields
 * @param prompts token ids of each prompt
 * @param defaultMaxTokens of each sequence where none is stated
 */
record ParsedRequest(Parameters parameters, List<int[]> prompts, int defaultMaxTokens) {
    int promptTokens() {
        return prompts.stream().mapToInt(prompt -> prompt.length).sum();
    }

    int longestPromptTokens() {
        return prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    }
}
