package io.hfx.engine.text;

/**
 * Text of a growing sequence of token ids, given out as soon as it is certain: a character whose
 * bytes are spread over several tokens is held back until it is whole, and bytes that can no longer
 * become a character are U+FFFD.
 *
 * <p>The pieces together are what transformers decodes of the whole sequence, but for broken bytes
 * of a SentencePiece tokenizer: there transformers gives up every character that was spelled in
 * bytes beside them, and this class only the broken ones. One per sequence, not thread-safe.
 */
public final class Detokenizer {
    private final Tokenizer tokenizer;
    private final boolean skipSpecialTokens;
    private final Utf8Stream characters = new Utf8Stream();

    /** Whether a blank at the beginning is to be dropped, should one come. */
    private boolean dropsBlank;

    /** For a text of its own: as transformers decodes it, it begins without a blank. */
    public Detokenizer(Tokenizer tokenizer, boolean skipSpecialTokens) {
        this(tokenizer, skipSpecialTokens, false);
    }

    /**
     * @param continues whether the text goes on after other text, so that a blank at its beginning
     *     counts
     */
    public Detokenizer(Tokenizer tokenizer, boolean skipSpecialTokens, boolean continues) {
        this.tokenizer = tokenizer;
        this.skipSpecialTokens = skipSpecialTokens;
        this.dropsBlank = !continues && tokenizer.dropsFirstBlank();
    }

    /** Adds a token; returns the text that became certain, maybe none. */
    public String push(int id) {
        if (skipSpecialTokens && tokenizer.isSpecial(id)) {
            return "";
        }
        byte[] bytes = tokenizer.bytes(id);
        StringBuilder text = new StringBuilder(bytes.length + 1);
        for (byte each : bytes) {
            characters.push(each, text);
        }
        return begun(text);
    }

    /** What is held back at the end of the sequence, as U+FFFD. */
    public String flush() {
        StringBuilder text = new StringBuilder(1);
        characters.finish(text);
        return begun(text);
    }

    private String begun(StringBuilder text) {
        if (dropsBlank && text.length() > 0) {
            dropsBlank = false;
            return text.charAt(0) == ' ' ? text.substring(1) : text.toString();
        }
        return text.toString();
    }
}
