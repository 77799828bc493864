package io.hfx.scheduler.dispatch;

/**
 * How many requests may wait centrally.
 *
 * @param waiting requests with an objective, and those of policies without lanes
 * @param leftover requests without an objective, and demoted ones
 */
public record DispatcherLimits(int waiting, int leftover) {
    public static final DispatcherLimits DEFAULTS = new DispatcherLimits(1_000, 1_000);

    public DispatcherLimits {
        if (waiting < 1 || leftover < 1) {
            throw new IllegalArgumentException("limits must be at least 1");
        }
    }
}
