package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.StepView;

/** How many prompt tokens a step may take beside its decodes. */
@FunctionalInterface
public interface TokenBudget {
    /**
     * Asked when the decodes are in the batch.
     *
     * @return 0 or less for none; at least 1 while the batch is empty
     */
    int prefillTokens(StepView view, Batching batch);

    /** Sarathi's: decodes and prefill tokens together make a fixed number. */
    static TokenBudget fixed(int stepTokens) {
        return (view, batch) -> stepTokens - batch.sequences();
    }

    /**
     * Most tokens with which the step stays within a time, by the worker's fitted model.
     *
     * @param limitNanos of the whole step
     * @param least tokens that are taken all the same, at least 1
     * @param most tokens
     */
    static int within(StepView view, Batching batch, long limitNanos, int least, int most) {
        int start = view.prefilling().stream().mapToInt(s -> s.computed()).findFirst().orElse(0);
        int fits = view.latency().largestChunk(batch.shape(), start, limitNanos, most);
        return Math.max(least, fits);
    }
}
