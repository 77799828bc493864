package io.hfx.scheduler.dispatch;

/**
 * How many requests may wait; at least 1 each.
 *
 * @param waiting centrally, of requests with an objective, and of policies without lanes
 * @param leftover of requests without an objective and demoted ones: centrally, and of those that
 *     lost their place on a worker and have not started there
 */
public record DispatcherLimits(int waiting, int leftover) {
    public static final DispatcherLimits DEFAULTS = new DispatcherLimits(1_000, 1_000);

    public DispatcherLimits {
        if (waiting < 1 || leftover < 1) {
            throw new IllegalArgumentException("limits must be at least 1");
        }
    }
}
