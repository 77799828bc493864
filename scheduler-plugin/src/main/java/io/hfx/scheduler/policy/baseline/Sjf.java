package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.parts.CentralQueue;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.policy.parts.TokenBudget;
import java.util.Comparator;
import java.util.List;

/**
 * Shortest job first on Sarathi's steps, as S3 (arXiv 2306.06000) orders by predicted length. A job
 * is its prompt plus its output, in tokens; on the worker what is left of both counts. Best for the
 * mean, blind to objectives; long requests starve in overload.
 *
 * <p>Differs: S3 predicts the output length and packs memory by it; here {@code max_tokens} stands
 * for it unless a predictor says more.
 */
public final class Sjf implements Policy {
    private static final Setting OUTPUT_WEIGHT =
            Setting.number(
                            "output_weight",
                            2,
                            0,
                            1_000,
                            "prompt tokens that count as much as one output token")
                    .searched(0, 16);

    @Override
    public String name() {
        return "sjf";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, OUTPUT_WEIGHT);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        double weight = config.allow(this).doubleOf(OUTPUT_WEIGHT);
        return new CentralQueue(
                w ->
                        Math.round(
                                w.request().prefillTokens()
                                        + weight
                                                * w.request().sequences()
                                                * w.request().plannedTokens()),
                config.intOf(Common.CHUNK_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        double weight = config.allow(this).doubleOf(OUTPUT_WEIGHT);
        return new ChunkedPrefill(
                TokenBudget.fixed(config.intOf(Common.CHUNK_TOKENS)),
                PrefillOrder.by(
                        Comparator.comparingDouble(s -> s.remainingPrefill() + weight * left(s))));
    }

    private static int left(SequenceView s) {
        return Math.max(0, s.request().plannedTokens() - s.generated());
    }
}
