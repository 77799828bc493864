package io.hfx.engine.text;

/** Text to token ids and back. Thread-safe. */
public interface Tokenizer extends AutoCloseable {
    /**
     * Token ids of a text.
     *
     * @param addSpecialTokens whether the model's begin token is put in front where the tokenizer
     *     says so; false for the output of a chat template
     */
    int[] encode(String text, boolean addSpecialTokens);

    /** Text of some token ids; invalid UTF-8 comes out as U+FFFD. */
    String decode(int[] ids, boolean skipSpecialTokens);

    /**
     * The bytes that a token stands for in a text, a leading space among them; maybe part of a
     * character. Those of a special token spell its name; an id without a token has none.
     *
     * @return not copied; not to be changed
     */
    byte[] bytes(int id);

    /** Number of token ids, added tokens included. */
    int vocabulary();

    @Override
    void close();
}
