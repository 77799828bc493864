package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.slo.Slo;

/** FlowPrefill's queue: by slack, and open at once to what may interrupt. */
final class FlowPrefillFleet implements FleetPolicy {
    private final int windowTokens;

    FlowPrefillFleet(int windowTokens) {
        this.windowTokens = windowTokens;
    }

    /** Slack falls for all alike while they wait, so the latest start is its order. */
    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        int priority = request.request().priority();
        long dueNanos = dueNanos(request);
        return request.demoted() || dueNanos == Slo.NONE
                ? new Rank(1, priority, request.arrivalNanos())
                : new Rank(0, priority, dueNanos - prefillNanos(request, fleet));
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        long dueNanos = dueNanos(request);
        boolean feasible = fleet.nowNanos() + prefillNanos(request, fleet) <= dueNanos;
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
            if (request.demoted() || (!other.demoted() && dueNanos(other) <= dueNanos)) {
                return false;
            }
        }
        return true;
    }

    /** Alone on the first worker; the same for all that wait, whatever worker they go to. */
    private static long prefillNanos(Waiting request, FleetView fleet) {
        return fleet.workers().isEmpty()
                ? 0
                : fleet.workers()
                        .get(0)
                        .latency()
                        .prefillNanos(0, request.request().prefillTokens());
    }

    private static long dueNanos(Waiting request) {
        long tpotNanos = Due.tpotNanos(request.request());
        return Due.firstTokenNanos(request, tpotNanos == Slo.NONE ? 0 : tpotNanos);
    }
}
