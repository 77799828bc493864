package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy.Rank;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.StepView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.slo.Slo;

/**
 * When first tokens are due, and when their prompts must start for it; on the driver's clock, and
 * {@link Slo#NONE} for those without objective or demoted. Ours.
 */
final class FirstToken {
    private static final int IN_TIME = 0;
    private static final int LEFTOVER = 1;

    private FirstToken() {}

    /** When the first token of a waiting request is due. */
    static long dueNanos(Waiting w) {
        return w.demoted() ? Slo.NONE : Due.firstTokenNanos(w);
    }

    /** The same of a sequence on a worker. */
    static long dueNanos(SequenceView s) {
        return s.leftover() ? Slo.NONE : Due.firstTokenNanos(s);
    }

    /**
     * Time to prefill a request alone on the first worker: the same for all that wait, whatever
     * worker they go to.
     */
    static long prefillNanos(Waiting w, FleetView fleet) {
        return fleet.workers().isEmpty()
                ? 0
                : fleet.workers().get(0).latency().prefillNanos(0, w.request().prefillTokens());
    }

    /** The latest time at which a waiting request can start. */
    static long latestStartNanos(Waiting w, FleetView fleet) {
        long dueNanos = dueNanos(w);
        return dueNanos == Slo.NONE ? Slo.NONE : dueNanos - prefillNanos(w, fleet);
    }

    /** The latest time at which the rest of a prompt can start. */
    static long latestStartNanos(SequenceView s, StepView view) {
        long dueNanos = dueNanos(s);
        return dueNanos == Slo.NONE
                ? Slo.NONE
                : dueNanos - view.latency().prefillNanos(s.computed(), s.remainingPrefill());
    }

    /** By latest start; requests without objective and demoted ones behind, in order of arrival. */
    static Rank rank(Waiting w, FleetView fleet) {
        int priority = w.request().priority();
        long latestNanos = latestStartNanos(w, fleet);
        return latestNanos == Slo.NONE
                ? new Rank(LEFTOVER, priority, w.arrivalNanos())
                : new Rank(IN_TIME, priority, latestNanos);
    }

    /** Whether a request that nobody has begun can no longer make its first token. */
    static boolean isLost(Waiting w, FleetView fleet) {
        return !w.begun() && latestStartNanos(w, fleet) < fleet.nowNanos();
    }

    /** Whether a prompt can no longer make its first token, or has none to make. */
    static boolean isLost(SequenceView s, StepView view) {
        long latestNanos = latestStartNanos(s, view);
        return latestNanos == Slo.NONE || (s.generated() == 0 && latestNanos < view.nowNanos());
    }
}
