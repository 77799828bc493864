package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
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

    private final WholeSettings settings;
    private final ShareLedger share;
    private long nextProbeNanos;

    WholeFleet(WholeSettings settings) {
        this.settings = settings;
        this.share = new ShareLedger(settings.leftoverShare(), MOST_CREDIT);
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        int priority = request.request().priority();
        if (request.demoted()) {
            return new Rank(HfxWhole.DEMOTED, priority, request.arrivalNanos());
        }
        long dueNanos = dueNanos(request);
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
        long dueNanos = dueNanos(request);
        if (fleet.nowNanos() > latestStartNanos(dueNanos, fleet)) {
            WorkerView idle = idleWorker(fleet);
            if (idle != null && mayProbe(fleet.nowNanos(), dueNanos)) {
                nextProbeNanos = fleet.nowNanos() + PROBE_NANOS;
                return new Route.Bind(idle.spec().id());
            }
            return request.request().sloClass().onMiss() == OnMiss.REJECT
                    ? new Route.Refuse(RefusalReason.SLO_OUT_OF_REACH)
                    : new Route.Demote();
        }
        WorkerView worker = openWorker(dueNanos, fleet);
        if (worker == null || !(joinsBatch(worker) || isDue(request, worker, fleet))) {
            return new Route.Close();
        }
        return new Route.Bind(worker.spec().id());
    }

    /** When its batch no longer waits to fill; then one nanosecond after it could last make it. */
    @Override
    public long reviewAtNanos(Waiting request, FleetView fleet) {
        long releaseNanos = fleet.workers().isEmpty() ? 0 : releaseNanos(request, fleet);
        if (releaseNanos > fleet.nowNanos()) {
            return releaseNanos;
        }
        long latestNanos = latestStartNanos(dueNanos(request), fleet);
        return latestNanos == Slo.NONE ? Long.MAX_VALUE : latestNanos + 1;
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        if (request.demoted() || dueNanos(request) == Slo.NONE) {
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

    private static @Nullable WorkerView idleWorker(FleetView fleet) {
        for (WorkerView worker : fleet.workers()) {
            if (worker.requests() == 0) {
                return worker;
            }
        }
        return null;
    }

    /** An idle worker whose batch has room, without making its tightest member late. */
    private @Nullable WorkerView openWorker(long dueNanos, FleetView fleet) {
        WorkerView empty = null;
        for (WorkerView worker : fleet.workers()) {
            int members = worker.unstarted().size();
            if (worker.requests() > members || members >= worker.spec().maxSequences()) {
                continue;
            }
            if (members == 0) {
                empty = empty == null ? worker : empty;
            } else if (hasTimeForOneMore(worker, dueNanos, fleet.nowNanos())) {
                return worker;
            }
        }
        return empty;
    }

    private boolean hasTimeForOneMore(WorkerView worker, long dueNanos, long nowNanos) {
        int members = worker.unstarted().size();
        long endNanos = nowNanos + batchNanos(worker.latency(), members + 1);
        long aloneNanos = nowNanos + batchNanos(worker.latency(), members);
        boolean fits = endNanos <= dueNanos;
        for (Waiting member : worker.unstarted()) {
            long memberDueNanos = dueNanos(member);
            fits &= endNanos <= memberDueNanos || aloneNanos > memberDueNanos;
        }
        return fits;
    }

    private static boolean joinsBatch(WorkerView worker) {
        return !worker.unstarted().isEmpty();
    }

    /** Whether a new batch with this request starts now, rather than waits to fill. */
    private boolean isDue(Waiting request, WorkerView worker, FleetView fleet) {
        int waiting =
                fleet.waiting(HfxWhole.ON_TIME)
                        + fleet.waiting(HfxWhole.LEFTOVER)
                        + fleet.waiting(HfxWhole.DEMOTED);
        return waiting >= worker.spec().maxSequences()
                || fleet.nowNanos() >= releaseNanos(request, fleet);
    }

    /** Until when a batch with this request waits to fill: no longer than it can afford. */
    private long releaseNanos(Waiting request, FleetView fleet) {
        WorkerView worker = fleet.workers().get(0);
        int most = worker.spec().maxSequences();
        if (most == 1 || settings.maxBatchDelayNanos() == 0) {
            return request.arrivalNanos();
        }
        long dueNanos = request.demoted() ? Slo.NONE : dueNanos(request);
        long latestNanos =
                dueNanos == Slo.NONE
                        ? Long.MAX_VALUE
                        : dueNanos - batchNanos(worker.latency(), most);
        return Math.min(request.arrivalNanos() + settings.maxBatchDelayNanos(), latestNanos);
    }

    /** The last moment at which a request could start alone and be in time. */
    private long latestStartNanos(long dueNanos, FleetView fleet) {
        if (dueNanos == Slo.NONE || fleet.workers().isEmpty()) {
            return Slo.NONE;
        }
        long fastestNanos = Long.MAX_VALUE;
        for (WorkerView worker : fleet.workers()) {
            fastestNanos = Math.min(fastestNanos, batchNanos(worker.latency(), 1));
        }
        return dueNanos - fastestNanos;
    }

    /** Predicted time of a batch, with the margin. */
    private long batchNanos(LatencyModel latency, int requests) {
        StepShape shape = new StepShape(requests, requests, 0.5 * requests, 0, 0);
        return (long) (latency.stepNanos(shape) / settings.margin());
    }

    /** Its only token is its first and its last. */
    private static long dueNanos(Waiting request) {
        return request.demoted()
                ? Slo.NONE
                : Math.min(request.ttftDeadlineNanos(), request.e2eDeadlineNanos());
    }
}
