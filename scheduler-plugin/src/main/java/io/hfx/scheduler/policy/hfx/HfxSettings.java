package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import java.util.List;

/**
 * Settings of the HFX policy.
 *
 * @param leftoverShare share of the time guaranteed to requests without objective and to demoted
 *     ones, 0 to 0.5
 * @param windowTokens unstarted prompt tokens up to which a worker takes leftover requests
 * @param minChunkShare prefill that a step takes at least while any in time waits, as a share of
 *     the fixed time of a step with prefill, 0 to 10
 * @param maxChunkTokens prefill tokens that a step takes at most
 * @param margin share of a TPOT, and of the time to a first token beside others, that is planned
 *     with, above 0 to 1
 * @param maxStepNanos longest planned step
 * @param borrow share of the output still expected whose time may be spent ahead, 0 to 1
 * @param patience tokens of the tightest TPOT by which a sequence must be ahead to sit a step out;
 *     0 for never
 * @param thrift tokens of the tightest TPOT by which sequences may be ahead without prefills
 *     spending it that are in time anyway; 0 for none
 * @param decodeShare share of the tightest TPOT that decodes may take after an admission, above 0
 *     to 1
 * @param spare times the prefill that comes which the fleet must have time for besides, for a
 *     worker to take decodes that leave it nearly none; 0 for any
 * @param displace times its own work that one must be which a request displaces; 0 for never
 * @param reserve tokens whose time is kept back at most, of what {@code margin} keeps
 * @param kvReserve most room left for requests that need less KV, in standard deviations of what
 *     they hold at once; 0 for none
 * @param fairness most that a tenant's share of late counts for or against its requests, at least 1
 */
record HfxSettings(
        double leftoverShare,
        int windowTokens,
        double minChunkShare,
        int maxChunkTokens,
        double margin,
        long maxStepNanos,
        double borrow,
        double patience,
        double thrift,
        double decodeShare,
        double spare,
        double displace,
        double reserve,
        double kvReserve,
        double fairness) {
    private static final Setting LEFTOVER_SHARE =
            Setting.number(
                    "leftover_share",
                    0.005,
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
    private static final Setting MIN_CHUNK_SHARE =
            Setting.number(
                            "min_chunk_share",
                            0.33,
                            0,
                            10,
                            "least prefill of a step while any in time waits, as a share of the"
                                    + " fixed time of a step with prefill")
                    .searched(0.05, 1);
    private static final Setting MAX_CHUNK_TOKENS =
            Setting.whole("max_chunk_tokens", 8_192, 16, 1 << 20, "most prefill tokens of a step")
                    .searched(512, 8_192);
    private static final Setting MARGIN =
            Setting.number(
                            "margin",
                            0.9,
                            0.1,
                            1,
                            "share of a TPOT, and of the time to a first token beside others, that"
                                    + " is planned with")
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
    private static final Setting THRIFT =
            Setting.number(
                            "thrift",
                            8,
                            0,
                            100,
                            "lead, in tokens of the tightest TPOT, that prefills leave to more"
                                    + " urgent ones while all are in time without it; 0: none")
                    .searched(0, 16);
    private static final Setting DECODE_SHARE =
            Setting.number(
                            "decode_share",
                            0.95,
                            0.1,
                            1,
                            "share of the tightest TPOT that decodes may take after an admission")
                    .searched(0.7, 1);

    private static final Setting SPARE =
            Setting.number(
                            "spare",
                            10,
                            0,
                            1_000,
                            "times the prefill that comes which the fleet must have time for"
                                    + " besides, for a worker to take decodes that leave it nearly"
                                    + " none; 0: any")
                    .searched(1, 20);

    private static final Setting DISPLACE =
            Setting.number(
                            "displace",
                            1,
                            0,
                            1_000,
                            "times its own work that one must be which a request displaces; 0:"
                                    + " nobody is displaced")
                    .searched(0, 4);

    private static final Setting RESERVE =
            Setting.number("reserve", 2, 0, 1_000, "tokens whose time is kept back at most")
                    .searched(0, 4);

    private static final Setting KV_RESERVE =
            Setting.number(
                            "kv_reserve",
                            2,
                            0,
                            10,
                            "most KV left free for requests that need less of it for their weight,"
                                    + " in standard deviations of what they hold at once; 0: none")
                    .searched(0, 4);

    private static final Setting FAIRNESS =
            Setting.number(
                    "fairness",
                    2,
                    1,
                    100,
                    "most that a tenant's share of the work counts for or against its requests; 1:"
                            + " nothing");

    static final List<Setting> ALL =
            List.of(
                    LEFTOVER_SHARE,
                    WINDOW_TOKENS,
                    MIN_CHUNK_SHARE,
                    MAX_CHUNK_TOKENS,
                    MARGIN,
                    MAX_STEP_MS,
                    BORROW,
                    PATIENCE,
                    THRIFT,
                    DECODE_SHARE,
                    SPARE,
                    DISPLACE,
                    RESERVE,
                    KV_RESERVE,
                    FAIRNESS);

    static HfxSettings of(PolicyConfig config) {
        return new HfxSettings(
                config.doubleOf(LEFTOVER_SHARE),
                config.intOf(WINDOW_TOKENS),
                config.doubleOf(MIN_CHUNK_SHARE),
                config.intOf(MAX_CHUNK_TOKENS),
                config.doubleOf(MARGIN),
                config.nanosOf(MAX_STEP_MS),
                config.doubleOf(BORROW),
                config.doubleOf(PATIENCE),
                config.doubleOf(THRIFT),
                config.doubleOf(DECODE_SHARE),
                config.doubleOf(SPARE),
                config.doubleOf(DISPLACE),
                config.doubleOf(RESERVE),
                config.doubleOf(KV_RESERVE),
                config.doubleOf(FAIRNESS));
    }

    /** The least prefill tokens of a step, at least 1. */
    int minChunkTokens(LatencyModel latency) {
        double fixedNanos = latency.baseNanos() + latency.runNanos();
        double tokens = minChunkShare * fixedNanos / Math.max(1, latency.tokenNanos());
        return (int) Math.max(1, Math.min(maxChunkTokens, tokens));
    }

    /** A TPOT, or the time to a first token, as it is planned with. */
    long planned(long nanos) {
        return (long) (margin * nanos);
    }

    /**
     * A mean TPOT as it is planned with.
     *
     * @param tokens of output
     */
    long plannedMean(long tpotNanos, int tokens) {
        return (long) (tpotNanos * (1 - Math.min(1 - margin, reserve / tokens)));
    }
}
