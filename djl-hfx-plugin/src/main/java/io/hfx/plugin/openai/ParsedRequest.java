package io.hfx.plugin.openai;

import java.util.Collections;
import java.util.List;

/**
 * A generation request whose body is checked and tokenised.
 *
 * @param parameters the shared fields
 * @param prompts token ids of each prompt
 * @param echo text of each prompt where the answer repeats it, else empty
 * @param continues whether the answer goes on in the middle of a text, so that a blank at its
 *     beginning counts
 * @param defaultMaxTokens of each sequence where none is stated
 */
record ParsedRequest(
        Parameters parameters,
        List<int[]> prompts,
        List<String> echo,
        boolean continues,
        int defaultMaxTokens) {
    /** The echo of each choice of each prompt. */
    List<String> echoOfChoices() {
        return echo.stream()
                .flatMap(text -> Collections.nCopies(parameters.choices(), text).stream())
                .toList();
    }

    int longestPromptTokens() {
        return prompts.stream().mapToInt(prompt -> prompt.length).max().orElse(0);
    }
}
