package io.hfx.scheduler.latency;

/**
 * Time of a step in nanoseconds:
 *
 * <pre>t = base + k*run + P*token + X*pair + [b>0]*decodeBase + b*decode + ctx*context</pre>
 *
 * with k prefill runs, P prefill tokens, X attention pairs, b decodes and ctx their context. The
 * form is ours (see docs/scheduling.md); similar ones stand in SCORPIO, Niyama and PolyServe. All
 * coefficients are at least 0.
 *
 * @param baseNanos of any step
 * @param runNanos of each prefill chunk
 * @param tokenNanos of each prefill token
 * @param pairNanos of each query-key pair of prefill
 * @param decodeBaseNanos of a step that decodes
 * @param decodeNanos of each decoding sequence
 * @param contextNanos of each token that a decoding sequence attends to
 */
public record LatencyModel(
        double baseNanos,
        double runNanos,
        double tokenNanos,
        double pairNanos,
        double decodeBaseNanos,
        double decodeNanos,
        double contextNanos) {
    public LatencyModel {
        check(baseNanos);
        check(runNanos);
        check(tokenNanos);
        check(pairNanos);
        check(decodeBaseNanos);
        check(decodeNanos);
        check(contextNanos);
    }

    private static void check(double value) {
        if (!(value >= 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("coefficients must be 0 or more, was " + value);
        }
    }

    /** Predicted time of a step, in nanoseconds; 0 for an empty one. */
    public long stepNanos(StepShape s) {
        if (s.isEmpty()) {
            return 0;
        }
        double nanos = baseNanos + s.prefillRuns() * runNanos + s.prefillTokens() * tokenNanos;
        nanos += s.attentionPairs() * pairNanos;
        if (s.decodes() > 0) {
            nanos += decodeBaseNanos + s.decodes() * decodeNanos + s.contextTokens() * contextNanos;
        }
        return Math.round(nanos);
    }

    /**
     * Time to prefill {@code tokens} in one run after {@code start} tokens, alone on the worker.
     */
    public long prefillNanos(int start, int tokens) {
        return tokens <= 0 ? 0 : stepNanos(StepShape.EMPTY.plusChunk(start, tokens));
    }

    /**
     * Time of a step that only decodes, where the number of sequences is a mean.
     *
     * @param sequences 0 or more
     * @param contextTokens of all of them together
     */
    public double decodeStepNanos(double sequences, double contextTokens) {
        return baseNanos + decodeBaseNanos + sequences * decodeNanos + contextTokens * contextNanos;
    }

    /**
     * Largest chunk that keeps a step within a limit.
     *
     * @param step the rest of the step
     * @param start tokens of the sequence already computed
     * @param limitNanos most time of the whole step
     * @param mostTokens upper bound of the answer
     * @return 0 to {@code mostTokens}
     */
    public int largestChunk(StepShape step, int start, long limitNanos, int mostTokens) {
        int low = 0;
        int high = Math.max(0, mostTokens);
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (stepNanos(step.plusChunk(start, middle)) <= limitNanos) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** This model with every coefficient multiplied. */
    public LatencyModel times(double factor) {
        return new LatencyModel(
                baseNanos * factor,
                runNanos * factor,
                tokenNanos * factor,
                pairNanos * factor,
                decodeBaseNanos * factor,
                decodeNanos * factor,
                contextNanos * factor);
    }
}
