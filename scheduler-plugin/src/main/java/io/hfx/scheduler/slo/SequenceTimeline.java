package io.hfx.scheduler.slo;

import java.util.Arrays;

/**
 * When the tokens of one sequence were written.
 *
 * @param tokenNanos nanoseconds from the reading of the request to each token, ascending, at least
 *     one
 */
public record SequenceTimeline(long[] tokenNanos) {
    public SequenceTimeline {
        if (tokenNanos.length == 0) {
            throw new IllegalArgumentException("a timeline needs at least one token");
        }
        tokenNanos = tokenNanos.clone();
        for (int i = 1; i < tokenNanos.length; i++) {
            if (tokenNanos[i] < tokenNanos[i - 1]) {
                throw new IllegalArgumentException(
                        "token " + i + " is earlier than the one before it");
            }
        }
    }

    @Override
    public long[] tokenNanos() {
        return tokenNanos.clone();
    }

    public int tokens() {
        return tokenNanos.length;
    }

    public long ttftNanos() {
        return tokenNanos[0];
    }

    public long e2eNanos() {
        return tokenNanos[tokenNanos.length - 1];
    }

    /** Mean time per output token after the first, in nanoseconds; 0 for a single token. */
    public double tpotNanos() {
        return tokens() == 1 ? 0 : (double) (e2eNanos() - ttftNanos()) / (tokens() - 1);
    }

    /** Inter-token latencies in nanoseconds, one fewer than tokens. */
    public long[] itlNanos() {
        long[] gaps = new long[tokens() - 1];
        for (int i = 0; i < gaps.length; i++) {
            gaps[i] = tokenNanos[i + 1] - tokenNanos[i];
        }
        return gaps;
    }

    /** When token {@code index} (from 0) was written, in nanoseconds from the reading. */
    public long atNanos(int index) {
        return tokenNanos[index];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceTimeline that && Arrays.equals(tokenNanos, that.tokenNanos);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(tokenNanos);
    }

    @Override
    public String toString() {
        return "SequenceTimeline" + Arrays.toString(tokenNanos);
    }
}
