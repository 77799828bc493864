package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.parts.CentralQueue;
import java.util.List;

/**
 * Sarathi-Serve (arXiv 2403.02310): first come, first served, with chunked prefill under a fixed
 * token budget, so that no decode waits for a whole prompt.
 *
 * <p>Differs: one central queue for several workers, bound late to the least loaded.
 */
public final class Sarathi implements Policy {
    @Override
    public String name() {
        return "sarathi";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new CentralQueue(
                Waiting::arrivalNanos, config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return Common.sarathi(config.allow(this).intOf(Common.CHUNK_TOKENS));
    }
}
