package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import java.util.List;

/**
 * Adds to a step what it has time for, by the worker's fitted model.
 *
 * @param limitNanos most time of the whole step; {@code Slo.NONE} for any
 */
public record WithinTime(StepView view, Batching batch, long limitNanos) {
    /**
     * Adds a decode, if there is time and room for it; the first of an empty step always has time.
     *
     * @return whether it decodes
     */
    public boolean decode(SequenceView s) {
        StepShape with = batch.shape().plusDecode(s.computed() + 1);
        return (batch.isEmpty() || view.latency().stepNanos(with) <= limitNanos)
                && !batch.decode(List.of(s)).isEmpty();
    }

    /**
     * Adds chunks of prompts until one does not fit.
     *
     * @param leastTokens that are taken of the first whatever the time
     * @param mostTokens of all together
     * @return tokens added
     */
    public int prefill(Iterable<? extends SequenceView> prompts, int leastTokens, int mostTokens) {
        int left = mostTokens;
        int least = leastTokens;
        for (SequenceView s : prompts) {
            int most = Math.min(left, s.remainingPrefill());
            int fits = view.latency().largestChunk(batch.shape(), s.computed(), limitNanos, most);
            int added = batch.prefill(s, Math.max(fits, Math.min(least, most)));
            if (added == 0) {
                break;
            }
            left -= added;
            least = 0;
        }
        return mostTokens - left;
    }
}
