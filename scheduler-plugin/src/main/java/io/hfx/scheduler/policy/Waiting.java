package io.hfx.scheduler.policy;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;

/**
 * A request that waits in the central queue.
 *
 * @param request its counts and objectives
 * @param arrivalNanos when it was read, on the driver's clock
 * @param demoted whether it has lost its place
 * @param begun whether its client already has tokens, as after the loss of a worker
 */
public record Waiting(RequestSpec request, long arrivalNanos, boolean demoted, boolean begun) {
    /** Whether it gets only what the others leave: it has no objective, or has lost its place. */
    public boolean leftover() {
        return demoted || request.sloClass().slo().isBestEffort();
    }

    /** When its first token is due; {@link Slo#NONE} without such an objective. */
    public long ttftDeadlineNanos() {
        return plus(arrivalNanos, request.sloClass().slo().ttftNanos());
    }

    /** When its last token is due; {@link Slo#NONE} without such an objective. */
    public long e2eDeadlineNanos() {
        return plus(arrivalNanos, request.sloClass().slo().e2eNanos());
    }

    private static long plus(long at, long duration) {
        return duration == Slo.NONE ? Slo.NONE : at + duration;
    }
}
