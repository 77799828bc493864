package io.hfx.simulator.fleet;

import io.hfx.engine.prefix.TokenSource;
import io.hfx.simulator.workload.PromptPrefix;
import java.util.SplittableRandom;

/**
 * Token ids of a simulated sequence: equal where prompts begin with the same runs, otherwise its
 * own. They follow from the request alone.
 */
record SimTokens(SimRequest request, int sequence) implements TokenSource {
    /** What a token belongs to, apart from its number. */
    private static final long RUN = 0x5851F42D4C957F2DL;

    private static final long PROMPT = 0x14057B7EF767814FL;
    private static final long OUTPUT = 0x2545F4914F6CDD1DL;

    /** Spreads numbers, so that neighbours share no token. */
    private static final long SPREAD = 0x9E6C63D0876A9A63L;

    /** More than a request has sequences. */
    private static final int MOST_SEQUENCES_BITS = 20;

    @Override
    public int[] tokens(int from, int count) {
        int[] tokens = new int[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = token(from + i);
        }
        return tokens;
    }

    private int token(int position) {
        PromptPrefix prefix = request.prefix();
        if (position >= request.spec().promptTokens(sequence)) {
            return token(OUTPUT, own(sequence), position);
        }
        return prefix.covers(position)
                ? token(RUN, prefix.run(position), position)
                : token(PROMPT, own(sequence / request.spec().choices()), position);
    }

    private long own(int number) {
        return request.spec().id() << MOST_SEQUENCES_BITS | number;
    }

    private static int token(long kind, long number, int position) {
        return new SplittableRandom(kind ^ (number * SPREAD + position)).nextInt();
    }
}
