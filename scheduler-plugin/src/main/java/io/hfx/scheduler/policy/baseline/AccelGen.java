package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * AccelGen (arXiv 2503.13737): every sequence has a time left until a step must take it; those that
 * this step must take go first, by that time. A step has as many tokens as the tightest objective
 * in it allows. What room is left goes to sequences whose time left is near that of the first, and
 * of those to the one whose tokens and KV come nearest to what is left of both; a prompt is cut to
 * what runs out first. Started prompts are completed before others start.
 *
 * <p>Differs: the tokens of a step are searched in the fitted latency model instead of scaled from
 * one saturating step measured before; sequences that decode all ask for the same, so that of them
 * only the one with the least time left is compared; the time left of a sequence with an end-to-end
 * objective alone comes from {@code expectedTokens} or {@code max_tokens}. What can no longer make
 * its first token is demoted, where in the paper it stays first ({@code demote=0}). Nothing is
 * refused. Requests without objective take what is left; several workers share one queue by latest
 * start, bound late to the least loaded.
 */
public final class AccelGen implements Policy {
    private static final Setting GAMMA_MS =
            Setting.number(
                            "gamma_ms",
                            750,
                            0,
                            60_000,
                            "difference in time left up to which sequences share the room of a"
                                    + " step")
                    .searched(50, 2_000);
    private static final Setting MIN_CHUNK_TOKENS =
            Common.minChunkTokens(64, "tokens that a step takes of a prompt that must run");

    private static final Setting DEMOTE =
            Setting.whole(
                    "demote",
                    1,
                    0,
                    1,
                    "1: what cannot make its first token is served from what is left; 0: it stays"
                            + " first, as in the paper");

    /** What a step is planned with. */
    record Settings(
            long gammaNanos,
            double margin,
            int minChunkTokens,
            int maxChunkTokens,
            boolean demote) {}

    @Override
    public String name() {
        return "accelgen";
    }

    @Override
    public List<Setting> settings() {
        return List.of(GAMMA_MS, Common.MARGIN, MIN_CHUNK_TOKENS, Common.MAX_CHUNK_TOKENS, DEMOTE);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        config.allow(this);
        return new LatestStartQueue(config.intOf(Common.MAX_CHUNK_TOKENS), config.isOn(DEMOTE));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        config.allow(this);
        return new AccelGenStep(
                new Settings(
                        config.nanosOf(GAMMA_MS),
                        config.doubleOf(Common.MARGIN),
                        config.intOf(MIN_CHUNK_TOKENS),
                        config.intOf(Common.MAX_CHUNK_TOKENS),
                        config.isOn(DEMOTE)));
    }
}
