package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Batching;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.policy.parts.TokenBudget;
import java.util.Comparator;
import java.util.List;

/**
 * PolyServe (arXiv 2507.17769): requests are binned by TPOT, and each bin has workers of its own,
 * so that a loose request does not slow down to the pace of a tight one. Within its bin a request
 * goes to a worker that still keeps every promise, in the paper to the most loaded one, so that the
 * last ones drain; a looser request may use a tighter bin's worker only when its own bin has none
 * (lazy promotion). A step takes as much prefill as the tightest TPOT leaves.
 *
 * <p>Differs: the fleet is fixed, so that the least loaded worker is the better choice ({@code
 * gradient}), and instead of starting and stopping servers a bin takes a worker that is empty and
 * loses it when it is empty again, and as a last resort takes over a looser bin's worker that
 * passes the tests at its own TPOT; bins are a quarter of an octave wide, where the paper has named
 * tiers; a request that can no longer make its first token waits behind all bins, where the paper
 * has no such case; requests without a TPOT are the loosest bin; the output length is {@code
 * max_tokens} unless a predictor says more, half of it still to come.
 */
public final class PolyServe implements Policy {
    private static final Setting GRADIENT =
            Setting.whole(
                            "gradient",
                            0,
                            0,
                            1,
                            "1: the most loaded worker that fits takes a request; 0: the least"
                                    + " loaded")
                    .searched(0, 1);
    private static final Setting MIN_CHUNK_TOKENS =
            Common.minChunkTokens(32, "prefill tokens that a step must have room for");

    /**
     * @param margin share of a TPOT that is planned with
     */
    record Settings(boolean gradient, double margin, int minChunkTokens, int maxChunkTokens) {}

    @Override
    public String name() {
        return "polyserve";
    }

    @Override
    public List<Setting> settings() {
        return List.of(GRADIENT, Common.MARGIN, MIN_CHUNK_TOKENS, Common.MAX_CHUNK_TOKENS);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new PolyServeFleet(read(config));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        Settings settings = read(config);
        return new ChunkedPrefill(
                (view, batch) -> tokens(view, batch, settings),
                PrefillOrder.by(
                        Comparator.comparing(SequenceView::leftover)
                                .thenComparingLong(s -> Due.firstTokenNanos(s, 0))));
    }

    private Settings read(PolicyConfig config) {
        config.allow(this);
        return new Settings(
                config.isOn(GRADIENT),
                config.doubleOf(Common.MARGIN),
                config.intOf(MIN_CHUNK_TOKENS),
                config.intOf(Common.MAX_CHUNK_TOKENS));
    }

    private static int tokens(StepView view, Batching batch, Settings settings) {
        long tightest = Long.MAX_VALUE;
        for (SequenceView s : view.decoding()) {
            tightest = Math.min(tightest, Due.paceNanos(s, view.nowNanos()));
        }
        long limitNanos = (long) (tightest * settings.margin());
        int least = Math.min(settings.minChunkTokens(), settings.maxChunkTokens());
        return TokenBudget.within(view, batch, limitNanos, least, settings.maxChunkTokens());
    }
}
