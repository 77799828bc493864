package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;

/**
 * One central queue in a fixed order; its head goes to the least loaded worker as soon as one has
 * KV for it and less than a window of unstarted work.
 */
public final class CentralQueue implements FleetPolicy {
    private final Order order;
    private final int windowTokens;

    /** The key of a request; lower goes first. It must not change while the request waits. */
    @FunctionalInterface
    public interface Order {
        long key(Waiting request);
    }

    /**
     * @param windowTokens unstarted prompt tokens up to which a worker takes more, at least 1
     */
    public CentralQueue(Order order, int windowTokens) {
        this.order = order;
        this.windowTokens = windowTokens;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        return new Rank(0, request.request().priority(), order.key(request));
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        WorkerView worker = Workers.leastLoadedOpen(fleet, request.request(), windowTokens);
        return worker == null ? new Route.Close() : new Route.Bind(worker.spec().id());
    }
}
