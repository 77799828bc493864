package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * Ascendra (arXiv 2504.20828): the fleet has a low-priority and a high-priority lane. Requests go
 * to low-priority workers, where steps are as long as decodes allow; one that would miss its first
 * token there unless it starts at once goes to a high-priority worker, where prompts come before
 * everything else. A high-priority worker without prompts takes other requests, too. (The paper has
 * one high-priority worker of three; of 16 workers a smaller share did better.)
 *
 * <p>Differs: a request waits in one central queue until a worker of its lane is open, instead of
 * on a low-priority worker that offloads it; it is urgent when less than its prefill and one full
 * prefill step (by the fitted model) is left, where the paper's code has a constant for each model;
 * decodes ride along in a high-priority worker's prefill steps instead of waiting for their end;
 * low-priority steps take prompts in chunks that the tightest TPOT allows, by deadline (the paper
 * has other values, too). A worker does not know its lane: a prompt that is urgent when its worker
 * first sees it gets the steps of the high-priority lane. What cannot make its first token is
 * served from what is left, on any worker, and so are requests without objective. A fleet of one
 * worker has both lanes on it.
 */
public final class Ascendra implements Policy {
    private static final Setting HIGH_SHARE =
            Setting.number(
                            "high_share",
                            0.15,
                            0,
                            0.9,
                            "share of the workers that are high-priority; of two or more at least"
                                    + " one")
                    .searched(0.05, 0.6);
    private static final Setting FULL_TOKENS =
            Setting.whole(
                            "full_tokens",
                            2_048,
                            16,
                            1 << 20,
                            "prefill tokens of a full step, the most that a step takes")
                    .searched(256, 4_096);
    private static final Setting MARGIN =
            Setting.number(
                            "margin",
                            0.9,
                            0.1,
                            1,
                            "share of the tightest TPOT that a low-priority step may take")
                    .searched(0.7, 1);
    private static final Setting MIN_CHUNK_TOKENS =
            Common.minChunkTokens(64, "prefill tokens that a step takes at least");

    /** What both halves plan with. */
    record Settings(double highShare, int fullTokens, double margin, int minChunkTokens) {}

    @Override
    public String name() {
        return "ascendra";
    }

    @Override
    public List<Setting> settings() {
        return List.of(HIGH_SHARE, FULL_TOKENS, MARGIN, MIN_CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new AscendraFleet(read(config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new AscendraStep(read(config));
    }

    private Settings read(PolicyConfig config) {
        config.allow(this);
        return new Settings(
                config.doubleOf(HIGH_SHARE),
                config.intOf(FULL_TOKENS),
                config.doubleOf(MARGIN),
                config.intOf(MIN_CHUNK_TOKENS));
    }
}
