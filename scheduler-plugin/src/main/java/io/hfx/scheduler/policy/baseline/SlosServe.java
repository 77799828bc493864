package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * SLOs-Serve (arXiv 2504.08784): a request is accepted only where the prefill demand of all
 * accepted ones stays below the line of tokens that the worker has left by each deadline, with
 * batches as long as the tightest TPOT and every accepted decode at its pace. What is accepted is
 * kept to the end; the others are best effort and give up their KV first.
 *
 * <p>Differs: requests are accepted one by one as they come, where the paper's dynamic program
 * chooses among those that came together; the least loaded worker that can accept takes a request,
 * where the paper asks replicas in turn; no speculative decoding; the paper knows the output
 * length, here {@code max_tokens} bounds the KV; requests without objective are best effort.
 */
public final class SlosServe implements Policy {
    private static final Setting MARGIN =
            Setting.number("margin", 0.9, 0.1, 1, "share of the token line that is promised")
                    .searched(0.6, 1);
    private static final Setting MIN_CHUNK_TOKENS =
            Common.minChunkTokens(32, "prefill tokens that a step takes at least");

    /** Both halves plan with the same numbers. */
    record Settings(double margin, int minChunkTokens, long maxStepNanos) {}

    @Override
    public String name() {
        return "slos-serve";
    }

    @Override
    public List<Setting> settings() {
        return List.of(MARGIN, MIN_CHUNK_TOKENS, Common.MAX_STEP_MS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new SlosServeFleet(read(config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new SlosServeStep(read(config));
    }

    private Settings read(PolicyConfig config) {
        config.allow(this);
        return new Settings(
                config.doubleOf(MARGIN),
                config.intOf(MIN_CHUNK_TOKENS),
                config.nanosOf(Common.MAX_STEP_MS));
    }
}
