package io.hfx.engine.text;

import java.util.Arrays;

/**
 * Text of a growing sequence of token ids, given out as soon as it is certain: characters whose
 * bytes are spread over several tokens are held back until they are whole. The pieces together are
 * the text of the whole sequence.
 *
 * <p>A token costs the decoding of a window of at most {@value #WINDOW_TOKENS} tokens, however long
 * the sequence is. One per sequence, not thread-safe.
 */
public final class Detokenizer {
    private static final int WINDOW_TOKENS = 24;

    /** Context kept when the window is cut: any character that is not whole lies within it. */
    private static final int KEPT_TOKENS = 8;

    /** An unfinished UTF-8 character has at most three bytes, and shows as that many marks. */
    private static final int MAX_HELD_CHARS = 3;

    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private final boolean skipSpecialTokens;
    private final int[] window = new int[WINDOW_TOKENS];
    private int windowTokens;

    /** Characters of the window's text that were given out. */
    private int emittedChars;

    public Detokenizer(Tokenizer tokenizer, boolean skipSpecialTokens) {
        this.tokenizer = tokenizer;
        this.skipSpecialTokens = skipSpecialTokens;
    }

    /** Adds a token; returns the text that became certain, maybe none. */
    public String push(int id) {
        if (windowTokens == WINDOW_TOKENS) {
            cutWindow();
        }
        window[windowTokens++] = id;
        String text = windowText();
        return emit(text, text.length() - heldChars(text));
    }

    /** What is held back at the end of the sequence, its broken characters as U+FFFD. */
    public String flush() {
        String text = windowText();
        return emit(text, text.length());
    }

    private String windowText() {
        return tokenizer.decode(Arrays.copyOf(window, windowTokens), skipSpecialTokens);
    }

    private String emit(String text, int toChar) {
        if (toChar <= emittedChars) {
            return "";
        }
        String piece = text.substring(emittedChars, toChar);
        emittedChars = toChar;
        return piece;
    }

    private void cutWindow() {
        int pendingChars = windowText().length() - emittedChars;
        System.arraycopy(window, windowTokens - KEPT_TOKENS, window, 0, KEPT_TOKENS);
        windowTokens = KEPT_TOKENS;
        emittedChars = windowText().length() - pendingChars;
    }

    private static int heldChars(String text) {
        int held = 0;
        while (held < Math.min(MAX_HELD_CHARS, text.length())
                && text.charAt(text.length() - 1 - held) == REPLACEMENT) {
            held++;
        }
        return held;
    }
}
