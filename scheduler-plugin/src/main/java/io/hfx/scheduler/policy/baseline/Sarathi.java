package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import java.util.Comparator;

/**
 * Sarathi-Serve (arXiv 2403.02310): first come, first served, with chunked prefill under a fixed
 * token budget, so that no decode waits for a whole prompt.
 *
 * <p>Settings: {@code chunk_tokens} (256), decodes and prefill tokens of one step.
 */
public final class Sarathi implements Policy {
    static final int CHUNK_TOKENS = 256;

    @Override
    public String name() {
        return "sarathi";
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new LeastLoaded(Waiting::arrivalNanos, chunkTokens(this, config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new ChunkedPrefill(
                chunkTokens(this, config),
                Comparator.comparingLong(SequenceView::arrivalNanos),
                true);
    }

    static int chunkTokens(Policy policy, PolicyConfig config) {
        return config.allow(policy.name(), "chunk_tokens")
                .intOf("chunk_tokens", CHUNK_TOKENS, 16, 1 << 20);
    }
}
