package io.hfx.plugin.openai;

import io.hfx.engine.text.Detokenizer;
import io.hfx.engine.text.Tokenizer;
import io.hfx.scheduler.slo.SequenceTimeline;
import java.util.Arrays;
import java.util.List;

/** One sequence's output as the front sees it: text, stop strings, token times. One thread. */
final class OutputSequence {
    private final Detokenizer text;
    private final StopFinder stops;
    private long[] tokenNanos = new long[16];
    private int tokens;
    private boolean closed;

    OutputSequence(Tokenizer tokenizer, List<String> stops) {
        this.text = new Detokenizer(tokenizer, true);
        this.stops = new StopFinder(stops);
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
        return stops.accept(text.push(tokenId));
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

    int tokens() {
        return tokens;
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
