package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.slo.Slo;
import java.util.List;

/**
 * The HFX policy for workers of the kind {@code WHOLE}; ours. Requests wait in the order of their
 * deadlines; those that can no longer make it are demoted or refused before they cost a worker; an
 * idle worker gets a batch that the fitted latency model expects to end before its tightest
 * member's deadline, and waits for more members only as long as that member can afford; requests
 * without objective have a FIFO of their own with a guaranteed share.
 */
public final class HfxWhole implements Policy {
    /** Lane of requests that can still meet their objectives. */
    static final int ON_TIME = 0;

    /** Lane of requests without objective: FIFO. */
    static final int LEFTOVER = 1;

    /** Lane of requests that have missed theirs: FIFO, behind all others. */
    static final int DEMOTED = 2;

    /** Its only token is its first and its last. */
    static long dueNanos(Waiting request) {
        return request.demoted()
                ? Slo.NONE
                : Math.min(request.ttftDeadlineNanos(), request.e2eDeadlineNanos());
    }

    @Override
    public String name() {
        return "hfx-whole";
    }

    @Override
    public List<Setting> settings() {
        return WholeSettings.ALL;
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new WholeFleet(WholeSettings.of(config.allow(this)));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new WholeStep();
    }
}
