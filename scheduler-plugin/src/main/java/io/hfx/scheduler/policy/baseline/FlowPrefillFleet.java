package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;

/** FlowPrefill's queue: by slack, and open at once to what may interrupt. */
final class FlowPrefillFleet implements FleetPolicy {
    private final int windowTokens;

    FlowPrefillFleet(int windowTokens) {
        this.windowTokens = windowTokens;
    }

    /** Slack falls for all alike while they wait, so the latest start is its order. */
    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        return FirstToken.rank(request, fleet);
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        long dueNanos = Due.firstTokenNanos(request);
        boolean feasible = fleet.nowNanos() + FirstToken.prefillNanos(request, fleet) <= dueNanos;
        if (!feasible && !request.demoted() && !request.begun()) {
            return new Route.Demote();
        }
        WorkerView worker =
                Workers.leastLoaded(
                        fleet, w -> w.hasKvFor(request.request()) && isOpen(w, request, dueNanos));
        return worker == null ? new Route.Close() : new Route.Bind(worker.spec().id());
    }

    private boolean isOpen(WorkerView worker, Waiting request, long dueNanos) {
        if (worker.unstartedPrefillTokens() < windowTokens) {
            return true;
        }
        for (Waiting other : worker.unstarted()) {
            if (request.demoted() || (!other.demoted() && Due.firstTokenNanos(other) <= dueNanos)) {
                return false;
            }
        }
        return true;
    }
}
