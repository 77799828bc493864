package io.hfx.engine.text;

/** Text to token ids and back. Thread-safe. */
public interface Tokenizer extends AutoCloseable {
    /**
     * Token ids of a text. The text of a special token becomes that token, wherever it came from.
     *
     * @param addSpecialTokens whether the model's begin token is put in front where the tokenizer
     *     says so; false for the output of a chat template, which wrote it itself
     */
    int[] encode(String text, boolean addSpecialTokens);

    /** Text of some token ids; invalid UTF-8 comes out as U+FFFD. */
    String decode(int[] ids, boolean skipSpecialTokens);

    /**
     * /** The UTF-8 bytes that a token adds to a text, a leading blank among them; maybe a part of
     * a character only. Those of a special token spell its name; an id without token has none.
     *
     * @return not copied; not to be changed
     */
    byte[] bytes(int id);

    /** Whether a token is special: not text, but a mark such as the end of a turn. */
    boolean isSpecial(int id);

    /** Whether a text begins without the blank that its first token stands for. */
    boolean dropsFirstBlank();

    /** Number of token ids, added tokens included. */
    int vocabulary();

    @Override
    void close();
}
