package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.Slo;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** QLM's queue of groups, and the rate at which it drains. */
final class QlmFleet implements FleetPolicy {
    /** How often the groups are ordered anew, if no group is made meanwhile. */
    private static final long INTERVAL_NANOS = 50_000_000;

    /** Over about this time the rate is seen. */
    private static final double SEEN_NANOS = 10e9;

    private static final double SEEN_PROMPTS = 64;

    private final int windowTokens;
    private final boolean evict;
    private final QlmGroups groups;

    /** KV units of the bound requests that may be evicted, by worker. */
    private final Map<WorkerId, Long> evictableUnits = new HashMap<>();

    /** Mean of the prompts that were bound last. */
    private double promptTokens;

    private double drainedTokens;
    private double drainedNanos;
    private long lastBindNanos;
    private boolean backlogged;
    private long nextOrderNanos;

    QlmFleet(int windowTokens, boolean evict, QlmGroups groups) {
        this.windowTokens = windowTokens;
        this.evict = evict;
        this.groups = groups;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        groups.add(request);
        long dueNanos = Due.firstTokenNanos(request, 0);
        boolean last = dueNanos == Slo.NONE || request.demoted();
        return new Rank(
                last ? 1 : 0,
                request.request().priority(),
                last ? request.arrivalNanos() : dueNanos);
    }

    @Override
    public String line(Waiting request) {
        return groups.line(request);
    }

    @Override
    public double turn(String line) {
        return groups.turn(line);
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        if (groups.isChanged() || fleet.nowNanos() >= nextOrderNanos) {
            groups.order(fleet.nowNanos() + onWorkerNanos(fleet), tokensPerNano(fleet));
            nextOrderNanos = fleet.nowNanos() + INTERVAL_NANOS;
        }
        WorkerView worker = Workers.leastLoadedOpen(fleet, request.request(), windowTokens);
        if (worker == null && evict && !isEvictable(request)) {
            worker = withEvictable(request, fleet);
        }
        if (worker == null) {
            return new Route.Close();
        }
        drained(request, fleet);
        return new Route.Bind(worker.spec().id());
    }

    static boolean isEvictable(Waiting request) {
        return request.demoted() || !request.request().sloClass().slo().hasTpot();
    }

    /** The least loaded worker that has room for a request once it evicts all that it may. */
    private @Nullable WorkerView withEvictable(Waiting request, FleetView fleet) {
        return Workers.leastLoaded(
                fleet,
                w ->
                        w.unstartedPrefillTokens() < windowTokens
                                && w.kvCost(request.request())
                                        <= w.freeKvUnits()
                                                + evictableUnits.getOrDefault(w.spec().id(), 0L));
    }

    /** Counts what the queue gives away, and the time that it takes while others wait. */
    private void drained(Waiting request, FleetView fleet) {
        long nanos = fleet.nowNanos() - lastBindNanos;
        double keep = Math.exp(-nanos / SEEN_NANOS);
        if (backlogged) {
            drainedTokens = keep * drainedTokens + QlmGroups.tokens(request.request());
            drainedNanos = keep * drainedNanos + nanos;
        }
        promptTokens += (request.request().prefillTokens() - promptTokens) / SEEN_PROMPTS;
        lastBindNanos = fleet.nowNanos();
        backlogged = fleet.waiting() > 1;
    }

    /** From when a prompt of common length is bound to its first token, on the first worker. */
    private long onWorkerNanos(FleetView fleet) {
        if (fleet.workers().isEmpty()) {
            return 0;
        }
        WorkerView any = fleet.workers().get(0);
        int chunkTokens = Math.max(16, windowTokens - any.decodes());
        return Workers.prefillNanos(
                any.latency(),
                windowTokens + Math.round(promptTokens),
                2,
                Workers.decodes(any),
                chunkTokens);
    }

    /** As seen; before that by the model, as if workers did nothing but prefill. */
    private double tokensPerNano(FleetView fleet) {
        if (drainedNanos > SEEN_NANOS / 20) {
            return Math.max(1e-12, drainedTokens / drainedNanos);
        }
        if (fleet.workers().isEmpty()) {
            return 1;
        }
        long nanos = fleet.workers().get(0).latency().prefillNanos(0, windowTokens);
        return (double) fleet.workers().size() * windowTokens / Math.max(1, nanos);
    }

    @Override
    public void gone(Waiting request) {
        groups.remove(request);
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        groups.remove(request);
        count(request, worker, 1);
    }

    @Override
    public void left(Waiting request, WorkerView worker) {
        count(request, worker, -1);
    }

    private void count(Waiting request, WorkerView worker, int sign) {
        if (isEvictable(request)) {
            long units = sign * worker.kvCost(request.request());
            evictableUnits.merge(worker.spec().id(), units, Long::sum);
        }
    }
}
