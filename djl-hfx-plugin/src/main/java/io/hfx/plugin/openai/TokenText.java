package io.hfx.plugin.openai;

import io.hfx.engine.text.Tokenizer;
import java.util.Arrays;

/**
 * Turns the tokens of one sequence into text, never half a character: what ends in an incomplete
 * one waits for the next token. Only the tokens since the last complete text are decoded again,
 * with those before them for context. One thread.
 */
final class TokenText {
    /** A character has at most 4 bytes and a token at least 1: beyond, the bytes are invalid. */
    private static final int INCOMPLETE_TOKENS = 3;

    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private int[] window = new int[8];
    private int length;
    private int given;

    TokenText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /** Takes a token and gives the text that is complete by it, perhaps none. */
    String accept(int tokenId) {
        if (length == window.length) {
            window = Arrays.copyOf(window, 2 * length);
        }
        window[length++] = tokenId;
        String before = decode(given);
        String now = decode(length);
        boolean incomplete = !now.isEmpty() && now.charAt(now.length() - 1) == REPLACEMENT;
        if (now.length() <= before.length()
                || (incomplete && length - given <= INCOMPLETE_TOKENS)) {
            return "";
        }
        window = Arrays.copyOfRange(window, given, Math.max(length, given + 8));
        length -= given;
        given = length;
        return now.substring(before.length());
    }

    /** The text that still waits, now that the sequence has ended. */
    String rest() {
        String before = decode(given);
        String now = decode(length);
        given = length;
        return now.length() <= before.length() ? "" : now.substring(before.length());
    }

    private String decode(int end) {
        return end == 0 ? "" : tokenizer.decode(Arrays.copyOf(window, end), true);
    }
}
