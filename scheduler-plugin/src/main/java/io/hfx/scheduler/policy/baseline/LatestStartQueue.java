package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Workers;

/**
 * One central queue by latest start: the first-token deadline less the time of the prefill. Its
 * head goes to the least loaded worker that has KV for it and less than a window of unstarted
 * prompt tokens. Requests without objective wait behind all others.
 *
 * @param windowTokens at least 1
 * @param demotesLost whether what can no longer make its first token waits behind, too
 */
record LatestStartQueue(int windowTokens, boolean demotesLost) implements FleetPolicy {

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        return FirstToken.rank(request, fleet);
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        if (demotesLost && FirstToken.isLost(request, fleet)) {
            return new Route.Demote();
        }
        WorkerView worker = Workers.leastLoadedOpen(fleet, request.request(), windowTokens);
        return worker == null ? new Route.Close() : new Route.Bind(worker.spec().id());
    }
}
