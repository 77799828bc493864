package io.hfx.cli.bench;

import java.util.Arrays;

/**
 * When the tokens of one stream arrived. A chunk with text carries at least one token; how many is
 * told by the server's usage:
 *
 * <ul>
 *   <li>stated in every chunk: its growth is what the chunk carries;
 *   <li>stated at the end only: as many tokens as chunks is one each; more tokens are spread evenly
 *       over the chunks, which leaves TTFT, mean TPOT and E2E exact and infers the rest; chunks
 *       without text count as tokens only as far as the usage needs them;
 *   <li>not stated: every chunk with text is one token.
 * </ul>
 */
final class TokenClock {
    private long[] chunkNanos = new long[64];
    private boolean[] chunkHasText = new boolean[64];
    private int[] usageAfter = new int[64];
    private int chunks;
    private int totalTokens = -1;

    void chunk(StreamChunk chunk, long nowNanos) {
        totalTokens = Math.max(totalTokens, chunk.completionTokens());
        if (!chunk.hasText() && !chunk.maybeToken()) {
            return;
        }
        if (chunks == chunkNanos.length) {
            chunkNanos = Arrays.copyOf(chunkNanos, 2 * chunks);
            chunkHasText = Arrays.copyOf(chunkHasText, 2 * chunks);
            usageAfter = Arrays.copyOf(usageAfter, 2 * chunks);
        }
        chunkNanos[chunks] = nowNanos;
        chunkHasText[chunks] = chunk.hasText();
        usageAfter[chunks++] = chunk.completionTokens();
    }

    /** Chunks seen that may carry tokens. */
    int chunks() {
        return chunks;
    }

    /** Whether the server sent more tokens than chunks, without saying which carried how many. */
    boolean inferred() {
        return !usageInEveryChunk() && totalTokens > chunks;
    }

    /** The time of each token, ascending. */
    long[] tokenNanos() {
        if (usageInEveryChunk()) {
            return byGrowth();
        }
        long[] carriers = carriers();
        int tokens = totalTokens < 0 ? carriers.length : totalTokens;
        if (carriers.length == 0) {
            return carriers;
        }
        long[] times = new long[tokens];
        for (int i = 0; i < tokens; i++) {
            times[i] = carriers[(int) ((long) i * carriers.length / tokens)];
        }
        if (tokens > 0) {
            times[tokens - 1] = carriers[carriers.length - 1];
        }
        return times;
    }

    private boolean usageInEveryChunk() {
        for (int i = 0; i < chunks; i++) {
            if (usageAfter[i] < 0) {
                return false;
            }
        }
        return chunks > 0;
    }

    private long[] byGrowth() {
        long[] times = new long[Math.max(0, totalTokens)];
        int filled = 0;
        for (int i = 0; i < chunks; i++) {
            int upTo = Math.max(filled, Math.min(times.length, usageAfter[i]));
            Arrays.fill(times, filled, upTo, chunkNanos[i]);
            filled = upTo;
        }
        Arrays.fill(times, filled, times.length, chunkNanos[chunks - 1]);
        return times;
    }

    /** The chunks that carry tokens: all with text, and the first empty ones that usage needs. */
    private long[] carriers() {
        int withText = 0;
        for (int i = 0; i < chunks; i++) {
            withText += chunkHasText[i] ? 1 : 0;
        }
        int emptyNeeded = Math.max(0, totalTokens - withText);
        long[] times = new long[chunks];
        int kept = 0;
        for (int i = 0; i < chunks; i++) {
            if (chunkHasText[i] || emptyNeeded-- > 0) {
                times[kept++] = chunkNanos[i];
            }
        }
        return Arrays.copyOf(times, kept);
    }
}
