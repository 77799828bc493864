package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import java.util.List;

/**
 * SCORPIO (arXiv 2505.23022). A TTFT guard: requests wait by TTFT deadline, and one that cannot
 * make it is refused. A TPOT guard: a request starts only where the predicted step of the sequences
 * that run in it keeps the tightest TPOT. Credits: a sequence with a loose TPOT decodes only in its
 * share of the steps, so that the tight ones see a smaller batch.
 *
 * <p>Differs: Sarathi's steps instead of whole prompts first, which would break tight TPOTs; the
 * output length is {@code max_tokens} unless a predictor says more; the TTFT guard looks at the
 * head of the queue when it could start, which refuses the same requests later than a walk over the
 * queue does; a worker without any TPOT on it takes anything, so that nobody waits for ever;
 * requests without objective and, with {@code refuse=0} (the paper's delay variant), those that
 * miss are served from what is left; several workers, each with a guard of its own.
 */
public final class Scorpio implements Policy {
    private static final Setting EPSILON =
            Setting.number(
                            "epsilon",
                            1.4,
                            1,
                            4,
                            "factor on the predicted TPOT, for the prefill that steps carry")
                    .searched(1, 2);
    private static final Setting GUARD_MS =
            Setting.number("guard_ms", 50, 0, 60_000, "added to the predicted TTFT")
                    .searched(10, 500);

    @Override
    public String name() {
        return "scorpio";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, EPSILON, GUARD_MS, Common.LOOSE_TPOT_MS, Common.REFUSE);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        config.allow(this);
        return new ScorpioFleet(
                config.intOf(Common.CHUNK_TOKENS),
                config.doubleOf(EPSILON),
                config.nanosOf(GUARD_MS),
                config.nanosOf(Common.LOOSE_TPOT_MS),
                config.isOn(Common.REFUSE));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        config.allow(this);
        return new ScorpioStep(
                config.intOf(Common.CHUNK_TOKENS), config.nanosOf(Common.LOOSE_TPOT_MS));
    }
}
