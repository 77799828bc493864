package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import java.util.List;

/**
 * Settings of the HFX policy.
 *
 * @param leftoverShare share of prefill work guaranteed to requests without objective and to
 *     demoted ones, 0 to 0.5
 * @param windowTokens unstarted prompt tokens up to which a worker takes more
 * @param minChunkTokens prefill tokens that a step takes at least while anything waits
 * @param maxChunkTokens prefill tokens that a step takes at most
 * @param margin share of an allowed step time that is planned with, above 0 to 1
 * @param maxStepNanos longest planned step
 */
record HfxSettings(
        double leftoverShare,
        int windowTokens,
        int minChunkTokens,
        int maxChunkTokens,
        double margin,
        long maxStepNanos) {
    private static final Setting LEFTOVER_SHARE =
            Setting.number(
                    "leftover_share",
                    0.05,
                    0,
                    0.5,
                    "share of prefill work for requests without objective and demoted ones");
    private static final Setting WINDOW_TOKENS =
            Setting.whole(
                            "window_tokens",
                            256,
                            1,
                            1 << 20,
                            "unstarted prompt tokens up to which a worker takes more")
                    .searched(64, 4_096);
    private static final Setting MIN_CHUNK_TOKENS =
            Setting.whole(
                            "min_chunk_tokens",
                            32,
                            1,
                            4_096,
                            "least prefill tokens of a step while anything waits")
                    .searched(16, 256);
    private static final Setting MAX_CHUNK_TOKENS =
            Setting.whole("max_chunk_tokens", 512, 16, 1 << 20, "most prefill tokens of a step")
                    .searched(256, 4_096);
    private static final Setting MARGIN =
            Setting.number(
                            "margin",
                            0.9,
                            0.1,
                            1,
                            "share of the allowed step time that is planned with")
                    .searched(0.7, 1);
    private static final Setting MAX_STEP_MS =
            Setting.number("max_step_ms", 250, 1, 60_000, "longest planned step")
                    .searched(100, 1_000);

    static final List<Setting> ALL =
            List.of(
                    LEFTOVER_SHARE,
                    WINDOW_TOKENS,
                    MIN_CHUNK_TOKENS,
                    MAX_CHUNK_TOKENS,
                    MARGIN,
                    MAX_STEP_MS);

    static HfxSettings of(PolicyConfig config) {
        return new HfxSettings(
                config.doubleOf(LEFTOVER_SHARE),
                config.intOf(WINDOW_TOKENS),
                config.intOf(MIN_CHUNK_TOKENS),
                config.intOf(MAX_CHUNK_TOKENS),
                config.doubleOf(MARGIN),
                config.nanosOf(MAX_STEP_MS));
    }
}
