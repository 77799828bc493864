package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.parts.CentralQueue;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.policy.parts.TokenBudget;
import java.util.List;

/**
 * Sarathi-Serve (arXiv 2403.02310): first come, first served, with chunked prefill under a fixed
 * token budget, so that no decode waits for a whole prompt.
 *
 * <p>Differs: one central queue for several workers, bound late to the least loaded.
 */
public final class Sarathi implements Policy {
    /** Shared by the policies that take Sarathi's steps. */
    static final Setting CHUNK_TOKENS =
            Setting.whole(
                            "chunk_tokens",
                            256,
                            16,
                            1 << 20,
                            "decodes and prefill tokens of one step")
                    .searched(64, 2_048);

    @Override
    public String name() {
        return "sarathi";
    }

    @Override
    public List<Setting> settings() {
        return List.of(CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new CentralQueue(Waiting::arrivalNanos, config.allow(this).intOf(CHUNK_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return step(config.allow(this).intOf(CHUNK_TOKENS));
    }

    static StepPolicy step(int chunkTokens) {
        return new ChunkedPrefill(TokenBudget.fixed(chunkTokens), PrefillOrder.arrival());
    }
}
