package io.hfx.plugin.openai;

import io.hfx.engine.sampling.TokenLogprobs;
import io.hfx.engine.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A token of an answer with its logprobs.
 *
 * @param token what was chosen
 * @param top the likeliest, the likeliest first
 * @param textOffset characters (code points) of the text before it
 */
record ScoredToken(Scored token, List<Scored> top, int textOffset) {
    /** What stands for the logarithm of 0, as in OpenAI's API. */
    private static final float LEAST = -9999;

    /**
     * One token and its logprob.
     *
     * @param text its text; {@code bytes:\xe2\x82} where its bytes are not whole characters
     * @param bytes its bytes, from 0 to 255; not copied
     * @param logprob natural logarithm of its probability, at least -9999
     */
    record Scored(String text, byte[] bytes, float logprob) {}

    static ScoredToken of(int id, TokenLogprobs logprobs, Tokenizer tokenizer, int textOffset) {
        List<Scored> top = new ArrayList<>();
        for (int i = 0; i < logprobs.topIds().length; i++) {
            top.add(scored(logprobs.topIds()[i], logprobs.topLogprobs()[i], tokenizer));
        }
        return new ScoredToken(scored(id, logprobs.chosen(), tokenizer), top, textOffset);
    }

    private static Scored scored(int id, float logprob, Tokenizer tokenizer) {
        byte[] bytes = tokenizer.bytes(id);
        return new Scored(text(bytes), bytes, Math.max(LEAST, logprob));
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            StringBuilder text = new StringBuilder("bytes:");
            for (byte b : bytes) {
                text.append(String.format("\\x%02x", b & 0xff));
            }
            return text.toString();
        }
    }
}
