package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;
import org.jspecify.annotations.Nullable;

/** JITServe's queue: the worth of a request for its time, and where its bandwidth fits. */
final class JitServeFleet implements FleetPolicy {
    private static final int IN_TIME = 0;
    private static final int LEFTOVER = 1;

    /** Requests that are looked at past one whose bandwidth does not fit, for each event. */
    private static final int LOOK_AHEAD = 8;

    private final JitServe.Settings settings;
    private final BoundWork.Fleet work = new BoundWork.Fleet();
    private long passNanos = -1;
    private int held;

    JitServeFleet(JitServe.Settings settings) {
        this.settings = settings;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        int priority = request.request().priority();
        if (request.leftover()) {
            return new Rank(LEFTOVER, priority, request.arrivalNanos());
        }
        double nanos = fleet.workers().isEmpty() ? 0 : nanosForOne(request, fleet);
        return new Rank(IN_TIME, priority, Math.round(nanos));
    }

    /** Worker time of a request for each unit of its class weight; the less, the more worth. */
    private static double nanosForOne(Waiting request, FleetView fleet) {
        RequestSpec spec = request.request();
        LatencyModel latency = fleet.workers().get(0).latency();
        double context = (double) spec.totalPromptTokens() / spec.sequences();
        double tokenNanos = latency.decodeNanos() + context * latency.contextNanos();
        double outputNanos = (double) spec.sequences() * spec.plannedTokens() * tokenNanos;
        return (prefillNanos(latency, spec) + outputNanos) / spec.sloClass().weight();
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        if (FirstToken.isLost(request, fleet)) {
            return new Route.Demote();
        }
        if (request.leftover()) {
            WorkerView open =
                    Workers.leastLoadedOpen(fleet, request.request(), settings.minChunkTokens());
            return open == null ? new Route.CloseLane() : new Route.Bind(open.spec().id());
        }
        Trial trial = new Trial(request, fleet.nowNanos());
        Workers.leastLoaded(fleet, trial::isEnough);
        return trial.fitting == null
                ? holdOrClose(fleet)
                : new Route.Bind(trial.fitting.spec().id());
    }

    /** Tries some workers for a request. */
    private final class Trial {
        private final Waiting request;
        private final long nowNanos;
        private @Nullable WorkerView fitting;
        private int tried;

        Trial(Waiting request, long nowNanos) {
            this.request = request;
            this.nowNanos = nowNanos;
        }

        boolean isEnough(WorkerView worker) {
            tried++;
            if (worker.hasKvFor(request.request())
                    && (request.begun() || fits(worker, request, nowNanos))) {
                fitting = worker;
            }
            return fitting != null || tried >= settings.choices();
        }
    }

    /** The next ones may need less; but not all are asked each time. */
    private Route holdOrClose(FleetView fleet) {
        if (fleet.nowNanos() != passNanos) {
            passNanos = fleet.nowNanos();
            held = 0;
        }
        return ++held > LOOK_AHEAD ? new Route.CloseLane() : new Route.Hold();
    }

    @Override
    public long reviewAtNanos(Waiting request, FleetView fleet) {
        long latestNanos = FirstToken.latestStartNanos(request, fleet);
        return latestNanos == Slo.NONE ? Long.MAX_VALUE : latestNanos + 1;
    }

    /** Whether a worker has the bandwidth that a request needs beside what it has promised. */
    private boolean fits(WorkerView worker, Waiting request, long nowNanos) {
        return worker.requests() == 0
                || decodeShare(worker, request.request()) + prefillShare(worker, request, nowNanos)
                        <= settings.fill();
    }

    /** Share of the time when each sequence decodes at its TPOT and steps take the tightest. */
    private double decodeShare(WorkerView worker, RequestSpec request) {
        BoundWork bound = work.of(worker);
        long tpotNanos = Due.tpotNanos(request);
        double stepNanos =
                Math.min(settings.maxStepNanos(), Math.min(tpotNanos, bound.tightestTpotNanos()));
        int n = request.sequences();
        double pace = bound.tokensPerNano() + (tpotNanos == Slo.NONE ? 0 : (double) n / tpotNanos);
        double outputs = bound.outputTokens() + (double) n * request.plannedTokens();
        double context =
                worker.contextTokens()
                        + worker.pendingPrefillTokens()
                        + request.totalPromptTokens()
                        + outputs / 2;
        double each = context / (bound.sequences() + n);
        double decodes = pace * stepNanos;
        return worker.latency().decodeStepNanos(decodes, decodes * each) / stepNanos;
    }

    /** Share of the time when each prompt takes all the time that it has. */
    private static double prefillShare(WorkerView worker, Waiting request, long nowNanos) {
        LatencyModel latency = worker.latency();
        long startedTokens = worker.pendingPrefillTokens() - worker.unstartedPrefillTokens();
        double share =
                share(
                        startedTokens * latency.tokenNanos()
                                + prefillNanos(latency, request.request()),
                        FirstToken.dueNanos(request),
                        nowNanos + worker.stepRemainingNanos());
        for (Waiting other : worker.unstarted()) {
            double nanos = prefillNanos(latency, other.request());
            double one = share(nanos, FirstToken.dueNanos(other), nowNanos);
            share += one <= 1 ? one : 0;
        }
        return share;
    }

    private static double share(double workNanos, long dueNanos, long fromNanos) {
        return dueNanos == Slo.NONE ? 0 : workNanos / Math.max(1, dueNanos - fromNanos);
    }

    /** What the prompts of a request add to the steps that take them. */
    private static double prefillNanos(LatencyModel latency, RequestSpec request) {
        return latency.prefillNanos(0, request.prefillTokens()) - latency.baseNanos();
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
