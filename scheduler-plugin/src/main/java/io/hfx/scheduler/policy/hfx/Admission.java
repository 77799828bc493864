package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.policy.parts.TenantShares;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether a worker can take one more request so that it makes its first token and nobody who was
 * admitted before is late for it. After the token line of SLOs-Serve (arXiv 2504.08784); that a
 * worker tells how long its next step may take, what it has begun, and the counting of sequences
 * that sit steps out are ours.
 */
final class Admission {
    /** Longer than any request is to wait. */
    static final double NEVER = Double.POSITIVE_INFINITY;

    /** Share of a worker's time that prefills are taken to get at least. */
    private static final double LEAST_FREE = 0.05;

    /** Share of the rest of a step that its running slice is taken to be. */
    private static final double SLICE_SHARE = 0.25;

    private final HfxSettings settings;
    private final BoundWork.Fleet work = new BoundWork.Fleet(this::tpotNanos);
    private final Map<Long, Waiting> bound = new HashMap<>();

    /** Of the workers to which anything is bound. */
    private final Map<WorkerId, PromiseLine> lines = new HashMap<>();

    private final TenantShares shares = new TenantShares();
    private final PrefillTime prefillTime;

    /** The planned TPOTs of bound requests, as they were when they were bound. */
    private final Map<Long, Long> tpots = new HashMap<>();

    private int workers;
    private long nowNanos;

    Admission(HfxSettings settings) {
        this.settings = settings;
        this.prefillTime = new PrefillTime(settings.spare());
    }

    /** What follows is asked of a fleet as it is now. */
    void at(FleetView fleet) {
        workers = fleet.workers().size();
        nowNanos = fleet.nowNanos();
    }

    /** A request comes that is to be in time. */
    void comes(RequestSpec request, WorkerView like) {
        long tpotNanos = tpotNanos(request, like);
        double decodeNanos = like.latency().decodeStepNanos(1, request.totalPromptTokens());
        if (free(decodeNanos, tpotNanos) >= PrefillTime.CLOSED) {
            prefillTime.comes(prefillNanos(like.latency(), request), nowNanos);
        }
    }

    /**
     * The planned TPOT; {@link Slo#NONE} where there is none: a request of which just the end is
     * due has time for its first token taken off instead.
     */
    private long tpotNanos(RequestSpec request, WorkerView worker) {
        long tpotNanos = request.sloClass().slo().tpotNanos();
        if (tpotNanos == Slo.NONE || request.sloClass().tpotMode() != ScoringMode.MEAN) {
            return tpotNanos == Slo.NONE ? Slo.NONE : settings.planned(tpotNanos);
        }
        int tokens = Deadlines.outputTokens(request, worker.outlook().usualOutputs());
        return settings.plannedMean(tpotNanos, tokens);
    }

    /** The same of one that is bound. */
    private long tpotNanos(RequestSpec request) {
        return tpots.getOrDefault(request.id(), Slo.NONE);
    }

    void reported(WorkerView worker) {
        PromiseLine line = lines.get(worker.spec().id());
        if (line != null) {
            line.reported();
            changed(worker);
        }
    }

    private void changed(WorkerView worker) {
        long tightest = work.of(worker).tightestTpotNanos();
        double free =
                tightest == Slo.NONE ? 1 : free(decodesNanos(worker, 0, 0, Slo.NONE), tightest);
        prefillTime.has(worker, free);
    }

    void started(Waiting request, WorkerView worker) {
        PromiseLine line = lines.get(worker.spec().id());
        if (line != null) {
            line.remove(request.request().id());
        }
    }

    void bound(Waiting request, WorkerView worker) {
        lines.computeIfAbsent(worker.spec().id(), id -> new PromiseLine()).bound(request);
        tpots.put(request.request().id(), tpotNanos(request.request(), worker));
        work.bound(request, worker);
        changed(worker);
        bound.put(request.request().id(), request);
        if (!request.demoted()) {
            shares.add(request.request().tenant(), workNanos(worker, request.request()));
        }
    }

    void left(Waiting request, WorkerView worker) {
        started(request, worker);
        work.left(request, worker);
        changed(worker);
        tpots.remove(request.request().id());
        bound.remove(request.request().id());
        if (work.of(worker).sequences() == 0) {
            lines.remove(worker.spec().id());
        }
    }

    /**
     * A worker's time for prefill from the end of its running step on.
     *
     * @param atOnceNanos that its decodes can make up for
     * @param free share of the time that is left beside them after that
     */
    private record Room(double atOnceNanos, double free) {
        double timeFor(double workNanos) {
            return workNanos <= atOnceNanos
                    ? workNanos
                    : atOnceNanos + (workNanos - atOnceNanos) / free;
        }
    }

    /**
     * Predicted time until the first token of a request on a worker.
     *
     * @param dueNanos when it must be there, on the driver's clock
     * @return {@link #NEVER} where it would be late, would make another late, or where the decodes
     *     of all would not keep the tightest TPOT
     */
    double firstTokenNanos(Waiting request, long dueNanos, WorkerView worker, long nowNanos) {
        return firstTokenNanos(request, dueNanos, worker, nowNanos, null);
    }

    /**
     * Whom a worker would have to give up to admit a request: of those that have not begun and
     * whose class allows it, the one that is the most work for its weight, if that is more than
     * {@code displace} times the request's own. After Moore and Hodgson 1968, who give up the
     * longest job to have the fewest late.
     *
     * @return null where nobody is worth it, or where giving up that one does not suffice
     */
    @Nullable Waiting displacedBy(
            Waiting request, long dueNanos, WorkerView worker, long nowNanos) {
        double most = settings.displace() * costNanos(worker, request.request());
        Promise displaced = null;
        PromiseLine line = line(worker);
        for (int i = 0; i < line.size(); i++) {
            Promise other = line.promise(i);
            if (other.displaceable && other.priority >= request.request().priority()) {
                double cost = costNanos(other.workNanos, other.request.request());
                boolean boundBefore =
                        displaced != null && cost == most && other.number < displaced.number;
                if (cost > most || boundBefore) {
                    most = cost;
                    displaced = other;
                }
            }
        }
        return displaced == null
                        || firstTokenNanos(request, dueNanos, worker, nowNanos, displaced) == NEVER
                ? null
                : displaced.request;
    }

    /** One that was bound loses its place. */
    void displaced(Waiting request, WorkerView worker) {
        shares.takeBack(request.request().tenant(), workNanos(worker, request.request()));
    }

    /**
     * Time of a request's work, for one unit of its weight; a tenant that got less than an even
     * share of late weighs up to {@code fairness} times as much, one that got more as much less.
     */
    double costNanos(WorkerView worker, RequestSpec request) {
        return costNanos(workNanos(worker, request), request);
    }

    private double costNanos(double workNanos, RequestSpec request) {
        double behind = shares.behind(request.tenant(), settings.fairness());
        return workNanos / (request.sloClass().weight() * behind);
    }

    /** Time of a request's work in steps that run anyway, with the output as planned. */
    static double workNanos(WorkerView worker, RequestSpec request) {
        int tokens = Deadlines.outputTokens(request, worker.outlook().usualOutputs());
        LatencyModel latency = worker.latency();
        return prefillNanos(latency, request) + outputNanos(latency, tokens, request.sequences());
    }

    /** Time of some sequences' output of so many tokens each in steps that run anyway. */
    static double outputNanos(LatencyModel latency, int tokens, int sequences) {
        return (double) tokens * sequences * latency.decodeNanos();
    }

    private double firstTokenNanos(
            Waiting request,
            long dueNanos,
            WorkerView worker,
            long nowNanos,
            @Nullable Promise without) {
        long tightest = tightestNanos(request.request(), worker);
        double withAllNanos = decodesNanos(request.request(), worker);
        double free = free(withAllNanos, tightest);
        boolean alone = work.of(worker).sequences() == 0;
        if ((!alone && free < 1 - settings.decodeShare())
                || (without == null && !prefillTime.canSpare(worker, free, workers, nowNanos))) {
            return NEVER;
        }
        double decodesNanos = alone ? 0 : withAllNanos;
        Room room = room(worker, decodesNanos, free);
        double startNanos = worker.stepRemainingNanos() + decodesNanos;
        PromiseLine line = line(worker);
        int given = without == null ? line.size() : line.placeOf(without.id);
        int place = line.place(request.request().priority(), dueNanos);
        double workBefore = line.nanosBefore(place, given);
        double work = workBefore + prefillNanos(worker.latency(), request.request());
        if (startNanos - interruptedNanos(worker) + room.timeFor(work) > dueNanos - nowNanos) {
            return NEVER;
        }
        // where it interrupts the running step, it does so as late as it can
        double first = Math.min(startNanos + room.timeFor(work), (double) (dueNanos - nowNanos));
        for (int i = place; i < line.size(); i++) {
            if (i == given) {
                continue;
            }
            workBefore += line.nanos(i);
            work += line.nanos(i);
            long leftNanos = line.dueNanos(i) - nowNanos;
            boolean late = startNanos + room.timeFor(work) > leftNanos;
            if (late && startNanos + room.timeFor(workBefore) <= leftNanos) {
                return NEVER;
            }
        }
        return first;
    }

    /**
     * What of its running step a worker puts off for a request that would be late otherwise; it has
     * to come to the end of a slice first.
     */
    private static double interruptedNanos(WorkerView worker) {
        return worker.spec().interruptible() ? (1 - SLICE_SHARE) * worker.stepRemainingNanos() : 0;
    }

    /** What a worker has promised, as it is now. */
    private PromiseLine line(WorkerView worker) {
        PromiseLine line = lines.get(worker.spec().id());
        if (line == null) {
            return PromiseLine.EMPTY;
        }
        line.update(worker, bound);
        return line;
    }

    /** When its first token is due, by what a worker knows; {@link Slo#NONE} for never. */
    static long dueNanos(Waiting request, WorkerView worker) {
        return Deadlines.firstTokenNanos(
                request.request(),
                request.arrivalNanos(),
                worker.latency(),
                worker.outlook().usualOutputs());
    }

    /** Time of its prefills in steps that run anyway. */
    static double prefillNanos(LatencyModel latency, RequestSpec request) {
        double nanos = 0;
        for (int i = 0; i < request.sequences(); i += request.choices()) {
            int start = request.cachedTokens(i);
            nanos += latency.prefillNanos(start, request.promptTokens(i) - start);
            nanos -= latency.baseNanos();
        }
        return nanos;
    }

    private static Room room(WorkerView worker, double decodesNanos, double free) {
        if (worker.decodes() == 0) {
            return new Room(NEVER, 1);
        }
        double atOnce = Math.max(0, worker.outlook().stepNanos() - decodesNanos);
        return new Room(atOnce, Math.max(LEAST_FREE, free));
    }

    /** Share of the time that decodes leave when they keep a TPOT, 0 to 1. */
    private static double free(double decodesNanos, long tpotNanos) {
        return tpotNanos == Slo.NONE ? 1 : Math.max(0, 1 - decodesNanos / tpotNanos);
    }

    /** The tightest planned TPOT with the request; {@link Slo#NONE} where nobody has any. */
    private long tightestNanos(RequestSpec request, WorkerView worker) {
        return Math.min(work.of(worker).tightestTpotNanos(), tpotNanos(request, worker));
    }

    /**
     * A step of decodes alone when all that is bound and the request decode: those that may take
     * longer than the tightest are in their share of the steps.
     */
    private double decodesNanos(RequestSpec request, WorkerView worker) {
        return decodesNanos(
                worker,
                request.sequences(),
                request.totalPromptTokens(),
                tpotNanos(request, worker));
    }

    private double decodesNanos(
            WorkerView worker, int ownSequences, long ownTokens, long ownTpotNanos) {
        BoundWork others = work.of(worker);
        int sequences = others.sequences() + ownSequences;
        double context =
                (double) worker.contextTokens() + worker.pendingPrefillTokens() + ownTokens;
        double inStep = sequences;
        long tightest = Math.min(others.tightestTpotNanos(), ownTpotNanos);
        if (settings.patience() > 0 && tightest != Slo.NONE) {
            double own = ownTpotNanos == Slo.NONE ? 0 : (double) ownSequences / ownTpotNanos;
            double steady = 1 + (others.tokensPerNano() + own) * tightest;
            inStep = Math.min(sequences, steady);
        }
        return worker.latency().decodeStepNanos(inStep, context * inStep / sequences);
    }
}
