package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.policy.FleetPolicy.Route;
import io.hfx.scheduler.policy.Setting;
import io.hfx.scheduler.policy.StepPolicy;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.ChunkedPrefill;
import io.hfx.scheduler.policy.parts.PrefillOrder;
import io.hfx.scheduler.policy.parts.TokenBudget;
import org.jspecify.annotations.Nullable;

/** Settings and answers that several baselines share. */
final class Common {
    /** Of the policies that take Sarathi's steps. */
    static final Setting CHUNK_TOKENS =
            Setting.whole(
                            "chunk_tokens",
                            256,
                            16,
                            1 << 20,
                            "decodes and prefill tokens of one step")
                    .searched(64, 2_048);

    /** Of the policies that refuse. */
    static final Setting REFUSE =
            Setting.whole(
                    "refuse",
                    1,
                    0,
                    1,
                    "1: what misses is refused, as in the paper; 0: it is served from what is"
                            + " left");

    /** Of the policies that decode each sequence at its own pace. */
    static final Setting LOOSE_TPOT_MS =
            Setting.number(
                    "loose_tpot_ms",
                    500,
                    1,
                    60_000,
                    "TPOT at which sequences without an objective decode");

    /** Of the policies that plan steps by TPOT. */
    static final Setting MARGIN =
            Setting.number("margin", 0.9, 0.1, 1, "share of a TPOT that is planned with")
                    .searched(0.7, 1);

    /** Of the policies whose steps are bounded by time, and by tokens besides. */
    static final Setting MAX_CHUNK_TOKENS =
            Setting.whole("max_chunk_tokens", 2_048, 16, 1 << 20, "most prefill tokens of a step")
                    .searched(256, 4_096);

    /** Of the policies that bound a step where no objective does. */
    static final Setting MAX_STEP_MS =
            Setting.number("max_step_ms", 250, 1, 60_000, "longest planned step")
                    .searched(50, 1_000);

    private Common() {}

    /** Of the policies whose steps take some prefill whatever the time. */
    static Setting minChunkTokens(int preset, String meaning) {
        return Setting.whole("min_chunk_tokens", preset, 1, 4_096, meaning).searched(16, 256);
    }

    /** Sarathi's steps, first come first served. */
    static StepPolicy sarathi(int chunkTokens) {
        return new ChunkedPrefill(TokenBudget.fixed(chunkTokens), PrefillOrder.arrival());
    }

    static Route bindOrHold(@Nullable WorkerView worker) {
        return worker == null ? new Route.Hold() : new Route.Bind(worker.spec().id());
    }

    /** What becomes of a request that cannot make it. */
    static Route miss(boolean refuse) {
        return refuse ? new Route.Refuse(RefusalReason.SLO_OUT_OF_REACH) : new Route.Demote();
    }
}
