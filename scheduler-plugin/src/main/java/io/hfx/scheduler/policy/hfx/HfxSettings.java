package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.PolicyConfig;

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

    static HfxSettings of(PolicyConfig config) {
        config.allow(
                "hfx",
                "leftover_share",
                "window_tokens",
                "min_chunk_tokens",
                "max_chunk_tokens",
                "margin",
                "max_step_ms");
        return new HfxSettings(
                config.doubleOf("leftover_share", 0.05, 0, 0.5),
                config.intOf("window_tokens", 256, 1, 1 << 20),
                config.intOf("min_chunk_tokens", 32, 1, 4_096),
                config.intOf("max_chunk_tokens", 512, 16, 1 << 20),
                config.doubleOf("margin", 0.9, 0.1, 1),
                Math.round(config.doubleOf("max_step_ms", 250, 1, 60_000) * 1e6));
    }
}
