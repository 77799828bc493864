package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.Slo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Ascendra's lanes: which worker is in which, and when a request changes to the other. */
final class AscendraFleet implements FleetPolicy {

    private final Ascendra.Settings settings;
    private final Map<WorkerId, Boolean> isHigh = new HashMap<>();

    AscendraFleet(Ascendra.Settings settings) {
        this.settings = settings;
    }

    /** By latest start: so the urgent ones come first. */
    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        return FirstToken.rank(request, fleet);
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        if (FirstToken.isLost(request, fleet)) {
            return new Route.Demote();
        }
        WorkerView open = Workers.leastLoadedOpen(fleet, request.request(), settings.fullTokens());
        if (open == null) {
            return new Route.Close();
        }
        long latestNanos = FirstToken.latestStartNanos(request, fleet);
        WorkerView worker =
                latestNanos == Slo.NONE
                        ? open
                        : inLane(request, isUrgent(latestNanos, fleet), open, fleet);
        return worker == null ? new Route.Close() : new Route.Bind(worker.spec().id());
    }

    /** Whether less is left than a worker may need to come to it. */
    private boolean isUrgent(long latestNanos, FleetView fleet) {
        long fullNanos = fleet.workers().get(0).latency().prefillNanos(0, settings.fullTokens());
        return latestNanos - fullNanos < fleet.nowNanos();
    }

    /** The least loaded open worker of the lane, or else one of the other that can take it. */
    private @Nullable WorkerView inLane(
            Waiting request, boolean urgent, WorkerView open, FleetView fleet) {
        if (isHigh(open, fleet) == urgent) {
            return open;
        }
        int fullTokens = settings.fullTokens();
        WorkerView own = leastLoaded(request, urgent, fullTokens, fleet);
        // a high-priority worker takes what is not urgent only while no prompt waits there
        return own != null ? own : leastLoaded(request, !urgent, urgent ? fullTokens : 1, fleet);
    }

    private @Nullable WorkerView leastLoaded(
            Waiting request, boolean high, int windowTokens, FleetView fleet) {
        return Workers.leastLoaded(
                fleet,
                w ->
                        isHigh(w, fleet) == high
                                && w.unstartedPrefillTokens() < windowTokens
                                && w.hasKvFor(request.request()));
    }

    private boolean isHigh(WorkerView worker, FleetView fleet) {
        Boolean known = isHigh.get(worker.spec().id());
        if (known == null || isHigh.size() != fleet.workers().size()) {
            learnLanes(fleet.workers());
            known = isHigh.get(worker.spec().id());
        }
        return known != null && known;
    }

    /** Spreads the high-priority workers evenly among the others. */
    private void learnLanes(List<WorkerView> workers) {
        isHigh.clear();
        int all = workers.size();
        int high = all < 2 ? 0 : Math.max(1, (int) (all * settings.highShare()));
        for (int i = 0; i < all; i++) {
            boolean oneMore = (i + 1) * high / all > i * high / all;
            isHigh.put(workers.get(i).spec().id(), oneMore);
        }
    }
}
