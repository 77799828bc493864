package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.Composition;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.StepView;
import java.util.List;
import java.util.Set;

/**
 * Llumnix (OSDI 2024, arXiv 2406.03243). The freeness of a worker is the number of steps that it
 * can decode until its KV is full: (KV less virtual usage) / requests. A request goes to the freest
 * worker when it arrives; running requests move, KV and all, from workers that are not free to
 * those that are, the shortest of the least priority first. Virtual usage counts queued requests as
 * if they ran, and keeps room around requests of high priority. Blind to objectives.
 *
 * <p>Differs: one copy while the request pauses, where the paper copies in stages and pauses for
 * the last; every queued request counts in full, where the paper counts the head of each queue; no
 * autoscaling here. Sarathi's steps, first come first served.
 */
public final class Llumnix implements Policy {
    private static final Setting OUT_BELOW_STEPS =
            Setting.whole(
                            "out_below_steps",
                            60,
                            0,
                            1 << 20,
                            "freeness below which a worker gives requests away")
                    .searched(10, 1_000);
    private static final Setting IN_ABOVE_STEPS =
            Setting.whole(
                            "in_above_steps",
                            200,
                            0,
                            1 << 20,
                            "freeness above which a worker takes requests over")
                    .searched(60, 4_000);
    private static final Setting INTERVAL_MS =
            Setting.number("interval_ms", 50, 1, 60_000, "between two looks for migrations");
    private static final Setting HEADROOM =
            Setting.number(
                    "headroom",
                    0.1,
                    0,
                    0.9,
                    "share of a worker's KV kept free beside requests of high priority");

    @Override
    public String name() {
        return "llumnix";
    }

    @Override
    public List<Setting> settings() {
        return List.of(Common.CHUNK_TOKENS, OUT_BELOW_STEPS, IN_ABOVE_STEPS, INTERVAL_MS, HEADROOM);
    }

    @Override
    public Set<Capability> requires() {
        return Set.of(Capability.MIGRATION);
    }

    @Override
    public FleetPolicy fleet(PolicyConfig config) {
        config.allow(this);
        return new LlumnixFleet(
                config.intOf(OUT_BELOW_STEPS),
                config.intOf(IN_ABOVE_STEPS),
                config.nanosOf(INTERVAL_MS),
                config.doubleOf(HEADROOM));
    }

    @Override
    public StepPolicy step(PolicyConfig config) {
        return new Telling(Common.sarathi(config.allow(this).intOf(Common.CHUNK_TOKENS)));
    }

    /** The dispatcher's half must know the lengths. */
    private record Telling(StepPolicy steps) implements StepPolicy {
        @Override
        public Composition compose(StepView view) {
            return steps.compose(view);
        }

        @Override
        public boolean tellsProgress() {
            return true;
        }
    }
}
