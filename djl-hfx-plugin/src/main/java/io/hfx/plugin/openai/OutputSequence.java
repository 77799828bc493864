package io.hfx.plugin.openai;

import io.hfx.engine.text.Detokenizer;
import io.hfx.engine.text.Tokenizer;
import io.hfx.scheduler.slo.SequenceTimeline;
import java.util.Arrays;

/** One sequence's output as the front sees it: text, stop strings, token times. One thread. */
final class OutputSequence {
    private final Detokenizer text;
    private final StopFinder stops;
    private long[] tokenNanos = new long[16];
    private final int minTokens;
    private int tokens;
    private int endTokens;
    private int characters;
    private boolean closed;

    OutputSequence(Tokenizer tokenizer, StopRules rules) {
        this.text = new Detokenizer(tokenizer, true);
        this.stops = new StopFinder(rules.strings(), rules.included());
        this.minTokens = rules.minTokens();
    }

    /**
     * Takes a token that is written now and gives the text that it makes certain.
     *
     * @param atNanos since the request was read
     */
    String accept(int tokenId, long atNanos) {
        if (tokens == tokenNanos.length) {
            tokenNanos = Arrays.copyOf(tokenNanos, 2 * tokens);
        }
        tokenNanos[tokens++] = atNanos;
        String piece = text.push(tokenId);
        characters += piece.codePointCount(0, piece.length());
        return tokens <= minTokens ? piece : stops.accept(piece);
    }

    /** Takes the token that ends the sequence and is no part of its text. */
    void acceptEnd() {
        endTokens++;
    }

    /** Characters (code points) that the tokens so far made certain. */
    int characters() {
        return characters;
    }

    /** Whether a stop string was found by the last token. */
    boolean stopped() {
        return stops.found();
    }

    /** Ends the sequence and gives the text that was held back. */
    String close() {
        closed = true;
        if (stops.found()) {
            return "";
        }
        String last = stops.accept(text.flush());
        return stops.found() ? last : last + stops.rest();
    }

    boolean closed() {
        return closed;
    }

    /** Tokens that are part of the text. */
    int tokens() {
        return tokens;
    }

    /** Tokens that the model gave, the one that ended it among them. */
    int outputTokens() {
        return tokens + endTokens;
    }

    /** When the last token was written, in nanoseconds since the request was read; needs one. */
    long lastNanos() {
        return tokenNanos[tokens - 1];
    }

    /** Time since the token before the last, in nanoseconds; needs two tokens. */
    long lastGapNanos() {
        return tokenNanos[tokens - 1] - tokenNanos[tokens - 2];
    }

    /** When its tokens were written; for a sequence without any, when it ended. */
    SequenceTimeline timeline(long endNanos) {
        return new SequenceTimeline(
                tokens == 0 ? new long[] {endNanos} : Arrays.copyOf(tokenNanos, tokens));
    }
}
