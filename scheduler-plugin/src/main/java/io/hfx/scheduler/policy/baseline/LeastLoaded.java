package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import org.jspecify.annotations.Nullable;

/**
 * One central queue in a fixed order; the head goes to the worker with the fewest pending prompt
 * tokens as soon as one has KV for it and no more than a window of unstarted work.
 */
final class LeastLoaded implements FleetPolicy {
    private final Order order;
    private final int windowTokens;

    /** The key of a request; lower goes first. */
    interface Order {
        long key(Waiting request);
    }

    LeastLoaded(Order order, int windowTokens) {
        this.order = order;
        this.windowTokens = windowTokens;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        return new Rank(0, request.request().priority(), order.key(request));
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        WorkerView best = null;
        for (WorkerView worker : fleet.workers()) {
            if (worker.unstartedPrefillTokens() < windowTokens
                    && worker.hasKvFor(request.request())
                    && isLess(worker, best)) {
                best = worker;
            }
        }
        return best == null ? new Route.Close() : new Route.Bind(best.spec().id());
    }

    private static boolean isLess(WorkerView worker, @Nullable WorkerView best) {
        if (best == null) {
            return true;
        }
        int byTokens = Long.compare(worker.pendingPrefillTokens(), best.pendingPrefillTokens());
        return byTokens != 0 ? byTokens < 0 : worker.requests() < best.requests();
    }
}
