package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.explain.Forecast;
import io.hfx.scheduler.explain.Reason;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.ShareLedger;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import org.jspecify.annotations.Nullable;

/**
 * The dispatcher's half of the policy. What is bound to an idle worker and unstarted is a batch.
 */
final class WholeFleet implements FleetPolicy {
    /** Requests that a long wait may buy at once. */
    private static final double MOST_CREDIT = 1;

    /** Time between two requests that run against the prediction. */
    private static final long PROBE_NANOS = 1_000_000_000;

    private final BatchForming forming;
    private final ShareLedger share;
    private long nextProbeNanos;

    WholeFleet(WholeSettings settings) {
        this.forming = new BatchForming(settings);
        this.share = new ShareLedger(settings.leftoverShare(), MOST_CREDIT);
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        int priority = request.request().priority();
        if (request.demoted()) {
            return new Rank(HfxWhole.DEMOTED, priority, request.arrivalNanos());
        }
        long dueNanos = HfxWhole.dueNanos(request);
        return dueNanos == Slo.NONE
                ? new Rank(HfxWhole.LEFTOVER, priority, request.arrivalNanos())
                : new Rank(HfxWhole.ON_TIME, priority, dueNanos);
    }

    @Override
    public int favouredLane(FleetView fleet) {
        int lane = fleet.first(HfxWhole.LEFTOVER) != null ? HfxWhole.LEFTOVER : HfxWhole.DEMOTED;
        return fleet.first(lane) != null && share.owes(1) ? lane : -1;
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        long dueNanos = HfxWhole.dueNanos(request);
        if (fleet.nowNanos() > latestStartNanos(dueNanos, fleet)) {
            WorkerView idle = BatchGauges.idle(fleet);
            if (idle != null && mayProbe(fleet.nowNanos(), dueNanos)) {
                nextProbeNanos = fleet.nowNanos() + PROBE_NANOS;
                return new Route.Bind(idle.spec().id(), Reason.PROBE, Forecast.due(dueNanos));
            }
            return request.request().sloClass().onMiss() == OnMiss.REJECT
                    ? new Route.Refuse(RefusalReason.SLO_OUT_OF_REACH)
                    : new Route.Demote(Reason.LATE, Forecast.due(dueNanos));
        }
        WorkerView worker = openWorker(dueNanos, fleet);
        if (worker == null) {
            return new Route.Close();
        }
        if (worker.unstarted().isEmpty()) {
            if (!forming.starts(worker, fleet)) {
                return new Route.Close(Reason.BATCH_FILLS);
            }
            if (forming.passesOver(request, worker, fleet)) {
                return new Route.Hold(Reason.PASSED_OVER);
            }
        }
        forming.bound(worker, fleet.nowNanos());
        return bind(worker, dueNanos, fleet.nowNanos());
    }

    /** Its answer is its first token; a batch that grows later answers later. */
    private Route bind(WorkerView worker, long dueNanos, long nowNanos) {
        if (dueNanos == Slo.NONE) {
            return new Route.Bind(worker.spec().id(), Reason.LEFTOVER, Forecast.NONE);
        }
        long batchNanos = BatchForming.nanos(worker.latency(), worker.unstarted().size() + 1);
        Forecast forecast = new Forecast(nowNanos + batchNanos, dueNanos);
        Reason reason = forecast.firstTokenNanos() <= dueNanos ? Reason.IN_TIME : Reason.PROBE;
        return new Route.Bind(worker.spec().id(), reason, forecast);
    }

    /** When its batch no longer waits to fill; then one nanosecond after it could last make it. */
    @Override
    public long reviewAtNanos(Waiting request, FleetView fleet) {
        long releaseNanos =
                fleet.workers().isEmpty()
                        ? 0
                        : forming.releaseNanos(request, fleet.workers().get(0));
        if (releaseNanos > fleet.nowNanos()) {
            return releaseNanos;
        }
        long latestNanos = latestStartNanos(HfxWhole.dueNanos(request), fleet);
        return latestNanos == Slo.NONE ? Long.MAX_VALUE : latestNanos + 1;
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        if (request.demoted() || HfxWhole.dueNanos(request) == Slo.NONE) {
            share.leftoverServed(1);
        } else {
            share.othersServed(1, true);
        }
    }

    /**
     * What is refused teaches nothing: where a slow batch made the model too dark, nobody would run
     * any more. So now and then one goes to a worker that has nothing to do.
     */
    private boolean mayProbe(long nowNanos, long dueNanos) {
        return nowNanos < dueNanos && nowNanos >= nextProbeNanos;
    }

    /** An idle worker whose batch has room for it, else one without a batch. */
    private @Nullable WorkerView openWorker(long dueNanos, FleetView fleet) {
        WorkerView joined =
                BatchGauges.forming(fleet, worker -> forming.mayJoin(worker, dueNanos, fleet));
        return joined == null ? BatchGauges.idle(fleet) : joined;
    }

    /** The last moment at which a request could start alone and be in time. */
    private long latestStartNanos(long dueNanos, FleetView fleet) {
        WorkerView fastest = dueNanos == Slo.NONE ? null : BatchGauges.fastest(fleet);
        return fastest == null ? Slo.NONE : dueNanos - forming.batchNanos(fastest, 1);
    }
}
