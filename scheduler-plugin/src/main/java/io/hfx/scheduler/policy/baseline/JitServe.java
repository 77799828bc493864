package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * JITServe, first Tempo (arXiv 2504.20068): being early is worth nothing, so every request gets
 * just the bandwidth that its objectives need, in the order of what it is worth for the time that
 * it takes; who is not among those whose bandwidths fit takes what is left. How long an output
 * becomes is an upper bound that is refined while tokens come.
 *
 * <p>Differs: bandwidth is the share of a worker's time, by the fitted latency model, of which more
 * than all is promised, because prompts are done before their time ({@code fill}); every met
 * request is worth its class weight, where the paper counts tokens or requests; a waiting request
 * competes for the {@code choices} least loaded workers in one central queue, where the paper puts
 * copies of it into the queues of some; the bound is a quantile of the newest outputs of the class
 * on the worker ({@code quantile}) instead of a random forest's, a predictor's {@code
 * expectedTokens} where there is one, and {@code max_tokens} before; what waits too long is demoted
 * when it cannot make its first token instead of dropped after 5 s. Prompts of like length are not
 * grouped: in the latency model of this scheduler a batch of unlike lengths costs no more. Compound
 * requests (stages with one deadline) are requests of their own here. Nobody loses KV for one that
 * is worth more, which the paper weighs against what is then computed again.
 */
public final class JitServe implements Policy {
    private static final Setting FILL =
            Setting.number(
                            "fill",
                            1.2,
                            0.1,
                            2,
                            "share of a worker's time that is promised; above 1 prompts are"
                                    + " expected to be done before their time")
                    .searched(0.7, 1.5);
    private static final Setting CHOICES =
            Setting.whole("choices", 4, 1, 64, "least loaded workers that are tried")
                    .searched(1, 8);
    private static final Setting QUANTILE =
            Setting.number(
                            "quantile",
                            0.9,
                            0.1,
                            0.99,
                            "of the output lengths seen, the one that bounds an output")
                    .searched(0.5, 0.98);
    private static final Setting MIN_CHUNK_TOKENS =
            Common.minChunkTokens(64, "prefill tokens that a step takes at least");

    /** What both halves plan with. */
    record Settings(
            double fill,
            int choices,
            double quantile,
            double margin,
            int minChunkTokens,
            long maxStepNanos) {}

    @Override
    public String name() {
        return "jitserve";
    }

    @Override
    public List<Setting> settings() {
        return List.of(
                FILL, CHOICES, QUANTILE, Common.MARGIN, MIN_CHUNK_TOKENS, Common.MAX_STEP_MS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new JitServeFleet(read(config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new JitServeStep(read(config));
    }

    private Settings read(PolicyConfig config) {
        config.allow(this);
        return new Settings(
                config.doubleOf(FILL),
                config.intOf(CHOICES),
                config.doubleOf(QUANTILE),
                config.doubleOf(Common.MARGIN),
                config.intOf(MIN_CHUNK_TOKENS),
                config.nanosOf(Common.MAX_STEP_MS));
    }
}
