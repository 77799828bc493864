package io.hfx.simulator.fleet;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.simulator.workload.PromptPrefix;

/**
 * A request and what only the simulator knows of it.
 *
 * @param arrivalNanos when it is read
 * @param spec what the scheduler sees
 * @param outputTokens tokens after which the model ends each sequence, 1 to {@code maxTokens}
 * @param cancelAfterNanos when its client leaves, from the arrival; {@link Long#MAX_VALUE} for
 *     never
 * @param prefix what its prompts begin with
 */
public record SimRequest(
        long arrivalNanos,
        RequestSpec spec,
        int outputTokens,
        long cancelAfterNanos,
        PromptPrefix prefix) {
    /** A request with prompts like no others. */
    public SimRequest(
            long arrivalNanos, RequestSpec spec, int outputTokens, long cancelAfterNanos) {
        this(arrivalNanos, spec, outputTokens, cancelAfterNanos, PromptPrefix.NONE);
    }

    public SimRequest(long arrivalNanos, RequestSpec spec, int outputTokens) {
        this(arrivalNanos, spec, outputTokens, Long.MAX_VALUE);
    }

    /** The same request, stating something else. */
    public SimRequest asking(RequestSpec other) {
        return new SimRequest(arrivalNanos, other, outputTokens, cancelAfterNanos, prefix);
    }

    /** The same request with prompts that begin like this. */
    public SimRequest beginning(PromptPrefix other) {
        return new SimRequest(arrivalNanos, spec, outputTokens, cancelAfterNanos, other);
    }
}
