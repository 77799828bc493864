package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * The multi-SLO policy, after the ideas of HyperFlexis/HFX (arXiv 2508.15919); its formulas are
 * ours. Requests wait in the order in which their first chunk must start; those that can no longer
 * make it are demoted or refused before they cost a worker; each step takes as much prefill as the
 * tightest running TPOT allows by the fitted latency model; requests without objective have a FIFO
 * of their own with a guaranteed share.
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
