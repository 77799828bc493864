package io.hfx.scheduler.latency;

/**
 * What the time of a step depends on.
 *
 * @param prefillRuns prefill chunks in the step
 * @param prefillTokens their tokens
 * @param attentionPairs query-key pairs of those tokens: for a chunk of n after s tokens, {@code
 *     n*s + n*n/2}
 * @param decodes sequences that decode one token
 * @param contextTokens tokens that those sequences attend to
 */
public record StepShape(
        int prefillRuns,
        long prefillTokens,
        double attentionPairs,
        int decodes,
        long contextTokens) {
    public static final StepShape EMPTY = new StepShape(0, 0, 0, 0, 0);

    /** The same step with one more prefill chunk of {@code tokens} after {@code start} tokens. */
    public StepShape plusChunk(int start, int tokens) {
        return new StepShape(
                prefillRuns + 1,
                prefillTokens + tokens,
                attentionPairs + (double) tokens * start + 0.5 * tokens * (double) tokens,
                decodes,
                contextTokens);
    }

    /** The same step with one more sequence that decodes after {@code context} tokens. */
    public StepShape plusDecode(int context) {
        return new StepShape(
                prefillRuns, prefillTokens, attentionPairs, decodes + 1, contextTokens + context);
    }

    public boolean isEmpty() {
        return prefillRuns == 0 && decodes == 0;
    }
}
