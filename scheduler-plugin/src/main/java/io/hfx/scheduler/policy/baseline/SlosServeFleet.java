package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** SLOs-Serve's admission: the token line of each worker. */
final class SlosServeFleet implements FleetPolicy {
    private static final int MOST_STEP_TOKENS = 1 << 14;

    private final SlosServe.Settings settings;
    private final BoundWork.Fleet work = new BoundWork.Fleet();

    SlosServeFleet(SlosServe.Settings settings) {
        this.settings = settings;
    }

    /** Prefill tokens that must be done by a time. */
    private record Demand(long dueNanos, long tokens) {}

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        int lane = request.demoted() || isBestEffort(request) ? 1 : 0;
        return new Rank(lane, request.request().priority(), Due.firstTokenNanos(request));
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        if (request.demoted() || isBestEffort(request)) {
            WorkerView open =
                    Workers.leastLoadedOpen(fleet, request.request(), settings.minChunkTokens());
            return open == null ? new Route.CloseLane() : new Route.Bind(open.spec().id());
        }
        WorkerView worker =
                Workers.leastLoaded(
                        fleet,
                        w ->
                                request.begun()
                                        ? w.hasKvFor(request.request())
                                        : accepts(w, request, fleet.nowNanos()));
        if (worker != null) {
            return new Route.Bind(worker.spec().id());
        }
        return request.begun()
                ? new Route.Hold(Reason.NO_KV)
                : new Route.Demote(Reason.NO_ROOM, Forecast.due(Due.firstTokenNanos(request)));
    }

    /** Whether all that a worker has promised and this request fit under its token line. */
    private boolean accepts(WorkerView worker, Waiting request, long nowNanos) {
        RequestSpec spec = request.request();
        if (!worker.hasKvFor(spec)) {
            return false;
        }
        double tokensPerNano = prefillTokensPerNano(worker, spec);
        double demand = worker.pendingPrefillTokens() - worker.unstartedPrefillTokens();
        double fromNanos = nowNanos + worker.stepRemainingNanos();
        for (Demand d : demands(worker, request)) {
            demand += d.tokens();
            if (d.dueNanos() != Slo.NONE && demand > tokensPerNano * (d.dueNanos() - fromNanos)) {
                return false;
            }
        }
        return tokensPerNano > 0;
    }

    private List<Demand> demands(WorkerView worker, Waiting request) {
        List<Demand> demands = new ArrayList<>();
        demands.add(new Demand(Due.firstTokenNanos(request), request.request().prefillTokens()));
        for (Waiting w : worker.unstarted()) {
            if (!w.demoted() && !isBestEffort(w)) {
                demands.add(new Demand(Due.firstTokenNanos(w), w.request().prefillTokens()));
            }
        }
        demands.sort(Comparator.comparingLong(Demand::dueNanos));
        return demands;
    }

    /**
     * What is left for prefill when each step takes the tightest TPOT and each accepted sequence
     * decodes at its own pace; 0 where that is less than the smallest chunk.
     */
    private double prefillTokensPerNano(WorkerView worker, RequestSpec request) {
        BoundWork bound = work.of(worker);
        long tpotNanos = Due.tpotNanos(request);
        long stepNanos =
                Math.min(settings.maxStepNanos(), Math.min(tpotNanos, bound.tightestTpotNanos()));
        double pace =
                bound.tokensPerNano()
                        + (tpotNanos == Slo.NONE ? 0 : (double) request.sequences() / tpotNanos);
        double decodes = pace * stepNanos;
        int sequences = bound.sequences() + request.sequences();
        double context =
                worker.contextTokens()
                        + worker.pendingPrefillTokens()
                        + request.totalPromptTokens();
        StepShape shape =
                new StepShape(
                        0,
                        0,
                        0,
                        (int) Math.ceil(decodes),
                        Math.round(decodes * context / sequences));
        long planned = (long) (stepNanos * settings.margin());
        int tokens = worker.latency().largestChunk(shape, 0, planned, MOST_STEP_TOKENS);
        return tokens < settings.minChunkTokens() ? 0 : (double) tokens / stepNanos;
    }

    private static boolean isBestEffort(Waiting request) {
        return request.request().sloClass().slo().isBestEffort();
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        work.bound(request, worker);
    }

    @Override
    public void left(Waiting request, WorkerView worker) {
        work.left(request, worker);
    }
}
