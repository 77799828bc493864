package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;

/** SCORPIO's two guards. */
final class ScorpioFleet implements FleetPolicy {
    /** Requests that are looked at past one that the TPOT guard holds, for each event. */
    private static final int LOOK_AHEAD = 8;

    /** Share of the tightest TPOT that a predicted step may take, as in the paper. */
    private static final double FILL = 0.99;

    private final int chunkTokens;
    private final double epsilon;
    private final long guardNanos;
    private final long looseNanos;
    private final boolean refuse;
    private final BoundWork.Fleet work = new BoundWork.Fleet();
    private long passNanos = -1;
    private int held;

    ScorpioFleet(
            int chunkTokens, double epsilon, long guardNanos, long looseNanos, boolean refuse) {
        this.chunkTokens = chunkTokens;
        this.epsilon = epsilon;
        this.guardNanos = guardNanos;
        this.looseNanos = looseNanos;
        this.refuse = refuse;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        boolean last = request.leftover();
        int priority = request.request().priority();
        return last
                ? new Rank(1, priority, request.arrivalNanos())
                : new Rank(0, priority, Due.firstTokenNanos(request));
    }

    @Override
    public Route route(Waiting request, FleetView fleet) {
        RequestSpec spec = request.request();
        WorkerView open =
                Workers.leastLoaded(
                        fleet,
                        w ->
                                w.unstartedPrefillTokens() < chunkTokens
                                        && w.hasKvFor(spec)
                                        && keepsTpot(w, request));
        if (!request.demoted() && !request.begun() && missesTtft(request, fleet)) {
            return Common.miss(refuse);
        }
        return open == null ? holdOrClose(fleet) : new Route.Bind(open.spec().id());
    }

    private boolean missesTtft(Waiting request, FleetView fleet) {
        long dueNanos = Due.firstTokenNanos(request);
        WorkerView best = Workers.leastLoaded(fleet, w -> true);
        if (dueNanos == Slo.NONE || best == null) {
            return false;
        }
        int tokens = request.request().prefillTokens();
        long ttftNanos = Workers.firstTokenNanos(best, tokens, chunkTokens);
        return fleet.nowNanos() + ttftNanos + guardNanos > dueNanos;
    }

    /** Whether the tightest TPOT on a worker still holds with one more request. */
    private boolean keepsTpot(WorkerView worker, Waiting request) {
        RequestSpec spec = request.request();
        BoundWork bound = work.of(worker);
        long tpotNanos = request.demoted() ? Slo.NONE : Due.tpotNanos(spec);
        long tightest = Math.min(bound.tightestTpotNanos(), tpotNanos);
        if (bound.sequences() == 0 || tightest == Slo.NONE) {
            return true;
        }
        int n = spec.sequences();
        boolean timed = tpotNanos != Slo.NONE;
        double pace = bound.tokensPerNano() + (timed ? (double) n / tpotNanos : 0);
        int loose = bound.untimedSequences() + (timed ? 0 : n);
        double virtual = tightest * pace + loose * Math.min(1, (double) tightest / looseNanos);
        int all = bound.sequences() + n;
        double output = (double) (bound.outputTokens() + (long) n * spec.plannedTokens()) / all;
        double held = worker.contextTokens() + worker.pendingPrefillTokens();
        double length = (held + spec.totalPromptTokens()) / all + output / 2;
        return epsilon * worker.latency().decodeStepNanos(virtual, virtual * length)
                < FILL * tightest;
    }

    /** Looser requests behind one that is held may start; but not all are asked each time. */
    private Route holdOrClose(FleetView fleet) {
        if (fleet.nowNanos() != passNanos) {
            passNanos = fleet.nowNanos();
            held = 0;
        }
        return ++held > LOOK_AHEAD ? new Route.CloseLane() : new Route.Hold();
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
