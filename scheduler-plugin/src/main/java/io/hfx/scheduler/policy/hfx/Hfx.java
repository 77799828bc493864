package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * The multi-SLO policy, after the ideas of HyperFlexis/HFX (arXiv 2508.15919); its formulas are
 * ours. A request is admitted where its first token and everybody else's are predicted to be in
 * time, and is late where no worker admits it; a step takes as much prefill as the mean TPOTs of
 * the running sequences allow by the fitted latency model; requests without objective and late ones
 * have a FIFO of their own with a guaranteed share.
 */
public final class Hfx implements Policy {
    /** Lane of requests that can still meet their objectives. */
    static final int ON_TIME = 0;

    /** Lane of requests without objective, and of demoted ones: FIFO. */
    static final int LEFTOVER = 1;

    @Override
    public String name() {
        return "hfx";
    }

    @Override
    public List<Setting> settings() {
        return HfxSettings.ALL;
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new HfxFleet(HfxSettings.of(config.allow(this)));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new HfxStep(HfxSettings.of(config.allow(this)));
    }
}
