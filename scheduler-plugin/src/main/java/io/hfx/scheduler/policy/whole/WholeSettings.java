package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.policy.Setting;
import java.util.List;

/**
 * Settings of the policy.
 *
 * @param leftoverShare share of the requests guaranteed to those without objective, 0 to 0.5
 * @param margin share of the time to a deadline that is planned with, above 0 to 1
 * @param maxBatchDelayNanos longest time that an idle worker waits for a batch to fill, counted
 *     from the arrival of its first member
 */
record WholeSettings(double leftoverShare, double margin, long maxBatchDelayNanos) {
    private static final Setting LEFTOVER_SHARE =
            Setting.number(
                    "leftover_share", 0.05, 0, 0.5, "share of the requests without objective");
    private static final Setting MARGIN =
            Setting.number(
                    "margin", 0.9, 0.1, 1, "share of the time to a deadline that is planned with");
    private static final Setting MAX_BATCH_DELAY_MS =
            Setting.number(
                    "max_batch_delay_ms",
                    0,
                    0,
                    60_000,
                    "longest time that an idle worker waits for a batch to fill");

    static final List<Setting> ALL = List.of(LEFTOVER_SHARE, MARGIN, MAX_BATCH_DELAY_MS);

    static WholeSettings of(PolicyConfig config) {
        return new WholeSettings(
                config.doubleOf(LEFTOVER_SHARE),
                config.doubleOf(MARGIN),
                config.nanosOf(MAX_BATCH_DELAY_MS));
    }
}
