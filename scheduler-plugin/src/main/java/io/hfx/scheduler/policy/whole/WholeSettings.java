package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.policy.PolicyConfig;

/**
 * Settings of the policy.
 *
 * @param leftoverShare share of the requests guaranteed to those without objective, 0 to 0.5
 * @param margin share of the time to a deadline that is planned with, above 0 to 1
 * @param maxBatchDelayNanos longest time that an idle worker waits for a batch to fill, counted
 *     from the arrival of its first member
 */
record WholeSettings(double leftoverShare, double margin, long maxBatchDelayNanos) {

    static WholeSettings of(PolicyConfig config) {
        config.allow("hfx-whole", "leftover_share", "margin", "max_batch_delay_ms");
        return new WholeSettings(
                config.doubleOf("leftover_share", 0.05, 0, 0.5),
                config.doubleOf("margin", 0.9, 0.1, 1),
                Math.round(config.doubleOf("max_batch_delay_ms", 0, 0, 60_000) * 1e6));
    }
}
