package io.hfx.plugin.openai;

import java.util.List;
import java.util.Set;

/**
 * What ends a sequence besides the model's own end token.
 *
 * @param strings stop strings, looked for after the first {@code minTokens} tokens
 * @param tokenIds tokens that end it
 * @param included whether the stop string or token belongs to the text
 * @param minTokens output tokens before which nothing ends it
 */
record StopRules(List<String> strings, Set<Integer> tokenIds, boolean included, int minTokens) {
    StopRules {
        strings = List.copyOf(strings);
        tokenIds = Set.copyOf(tokenIds);
    }
}
