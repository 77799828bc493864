package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.RequestSpec;
import java.util.List;

/**
 * CacheOPT (arXiv 2503.13773): KV by predicted outputs. A prediction is padded so that it holds
 * with some confidence, less where requests arrive faster; a prompt starts where what it and the
 * running sequences will hold by then fits at every time until it ends, so that short ones run in
 * KV that longer ones need only later; some KV is kept for outputs that become longer than
 * predicted. Where KV runs out all the same, the sequence with the loosest TPOT gives it up, then
 * the one with most output still to come, then the one with most KV. On Sarathi's steps, by
 * first-token deadline (the paper's batches are made with an eye to objectives, too).
 *
 * <p>Differs: what is given up is computed again, where the paper swaps long sequences; the padding
 * is the paper's bound on the errors seen, and where nobody predicts a quantile of the lengths
 * seen, instead of a classifier of over- and underestimates; several workers, bound late by
 * predicted instead of most output.
 */
public final class CacheOpt implements Policy {
    private static final Setting CONFIDENCE =
            Setting.number(
                            "confidence",
                            0.8,
                            0.5,
                            0.99,
                            "with which an output is no longer than its padded prediction, on an"
                                    + " idle worker")
                    .searched(0.5, 0.95);
    private static final Setting RATE_EFFECT_SECONDS =
            Setting.number(
                            "rate_effect_seconds",
                            0.05,
                            0,
                            10,
                            "confidence is divided by 1 plus this times the requests a second")
                    .searched(0, 0.5);
    private static final Setting RESERVE =
            Setting.number("reserve", 0.03, 0, 0.5, "share of KV that no prompt is started in")
                    .searched(0, 0.1);

    @Override
    public String name() {
        return "cacheopt";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, CONFIDENCE, RATE_EFFECT_SECONDS, RESERVE);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        return new Fleet(config.allow(this).intOf(Common.CHUNK_TOKENS));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        config.allow(this);
        return new CacheOptStep(
                config.intOf(Common.CHUNK_TOKENS),
                config.doubleOf(RESERVE),
                new PaddedLengths(
                        config.doubleOf(CONFIDENCE), config.doubleOf(RATE_EFFECT_SECONDS)));
    }

    /** By deadline to the least loaded worker that has KV by prediction. */
    private record Fleet(int windowTokens) implements FleetPolicy {
        @Override
        public Rank rank(Waiting request, FleetView fleet) {
            boolean last = request.leftover();
            return new Rank(
                    last ? 1 : 0,
                    request.request().priority(),
                    last ? request.arrivalNanos() : Due.firstTokenNanos(request, 0));
        }

        @Override
        public Route route(Waiting request, FleetView fleet) {
            RequestSpec r = request.request();
            int planned = r.plannedTokens();
            WorkerView worker =
                    Workers.leastLoadedOpen(fleet, r.withOutput(planned, planned), windowTokens);
            return worker == null ? new Route.Close() : new Route.Bind(worker.spec().id());
        }
    }
}
