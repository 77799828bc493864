package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import java.util.List;

/**
 * Settings of the HFX policy.
 *
 * @param leftoverShare share of the time guaranteed to requests without objective and to demoted
 *     ones, 0 to 0.5
 * @param windowTokens unstarted prompt tokens up to which a worker takes leftover requests
 * @param minChunkTokens prefill tokens that a step takes at least while any in time wait
 * @param maxChunkTokens prefill tokens that a step takes at most
 * @param margin share of a TPOT that is planned with, above 0 to 1
 * @param maxStepNanos longest planned step
 * @param borrow share of the output still expected whose time may be spent ahead, 0 to 1
 * @param patience tokens of the tightest TPOT by which a sequence must be ahead to sit a step out;
 *     0 for never
 * @param decodeShare share of the tightest TPOT that decodes may take after an admission, above 0
 *     to 1
 */
record HfxSettings(
        double leftoverShare,
        int windowTokens,
        int minChunkTokens,
        int maxChunkTokens,
        double margin,
        long maxStepNanos,
        double borrow,
        double patience,
        double decodeShare) {
    private static final Setting LEFTOVER_SHARE =
            Setting.number(
                    "leftover_share",
                    0.02,
                    0,
                    0.5,
                    "share of the time for requests without objective and demoted ones");
    private static final Setting WINDOW_TOKENS =
            Setting.whole(
                            "window_tokens",
                            256,
                            1,
                            1 << 20,
                            "unstarted prompt tokens up to which a worker takes leftover"
                                    + " requests")
                    .searched(64, 4_096);
    private static final Setting MIN_CHUNK_TOKENS =
            Setting.whole(
                            "min_chunk_tokens",
                            64,
                            1,
                            4_096,
                            "least prefill tokens of a step while any in time wait")
                    .searched(16, 256);
    private static final Setting MAX_CHUNK_TOKENS =
            Setting.whole("max_chunk_tokens", 8_192, 16, 1 << 20, "most prefill tokens of a step")
                    .searched(512, 8_192);
    private static final Setting MARGIN =
            Setting.number("margin", 0.9, 0.1, 1, "share of a TPOT that is planned with")
                    .searched(0.8, 1);
    private static final Setting MAX_STEP_MS =
            Setting.number("max_step_ms", 1_000, 1, 60_000, "longest planned step")
                    .searched(200, 1_000);
    private static final Setting BORROW =
            Setting.number(
                            "borrow",
                            0.2,
                            0,
                            1,
                            "share of the output still expected whose time may be spent ahead")
                    .searched(0, 0.6);
    private static final Setting PATIENCE =
            Setting.number(
                            "patience",
                            2,
                            0,
                            100,
                            "lead, in tokens of the tightest TPOT, with which a sequence sits a"
                                    + " step out; 0: never")
                    .searched(0, 4);
    private static final Setting DECODE_SHARE =
            Setting.number(
                            "decode_share",
                            0.9,
                            0.1,
                            1,
                            "share of the tightest TPOT that decodes may take after an admission")
                    .searched(0.7, 1);

    static final List<Setting> ALL =
            List.of(
                    LEFTOVER_SHARE,
                    WINDOW_TOKENS,
                    MIN_CHUNK_TOKENS,
                    MAX_CHUNK_TOKENS,
                    MARGIN,
                    MAX_STEP_MS,
                    BORROW,
                    PATIENCE,
                    DECODE_SHARE);

    static HfxSettings of(PolicyConfig config) {
        return new HfxSettings(
                config.doubleOf(LEFTOVER_SHARE),
                config.intOf(WINDOW_TOKENS),
                config.intOf(MIN_CHUNK_TOKENS),
                config.intOf(MAX_CHUNK_TOKENS),
                config.doubleOf(MARGIN),
                config.nanosOf(MAX_STEP_MS),
                config.doubleOf(BORROW),
                config.doubleOf(PATIENCE),
                config.doubleOf(DECODE_SHARE));
    }

    /** A TPOT as it is planned with. */
    long planned(long tpotNanos) {
        return (long) (margin * tpotNanos);
    }
}
