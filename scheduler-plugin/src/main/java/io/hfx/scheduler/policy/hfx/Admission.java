package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.message.Outlook;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.policy.parts.TenantShares;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.Slo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
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
    private final BoundWork.Fleet work = new BoundWork.Fleet(Admission::tpotNanos);
    private final Map<Long, Waiting> bound = new HashMap<>();
    private final TenantShares shares = new TenantShares();

    Admission(HfxSettings settings) {
        this.settings = settings;
    }

    /** A request of which just the end is due has time for its first token taken off instead. */
    private static long tpotNanos(RequestSpec request) {
        return request.sloClass().slo().tpotNanos();
    }

    void bound(Waiting request, WorkerView worker) {
        work.bound(request, worker);
        bound.put(request.request().id(), request);
        if (!request.demoted()) {
            shares.add(request.request().tenant(), workNanos(worker, request.request()));
        }
    }

    void left(Waiting request, WorkerView worker) {
        work.left(request, worker);
        bound.remove(request.request().id());
    }

    /**
     * A prefill that was promised in time.
     *
     * @param priority lower goes first
     * @param dueNanos on the driver's clock
     * @param nanos of work
     * @param isNew whether it is the one in question
     */
    private record Promise(int priority, long dueNanos, double nanos, boolean isNew) {}

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
        Waiting displaced = null;
        for (Waiting other : worker.unstarted()) {
            double cost = costNanos(worker, other.request());
            if (cost > most && mayGive(other, request)) {
                most = cost;
                displaced = other;
            }
        }
        return displaced == null
                        || firstTokenNanos(request, dueNanos, worker, nowNanos, displaced) == NEVER
                ? null
                : displaced;
    }

    private static boolean mayGive(Waiting other, Waiting request) {
        return !other.leftover()
                && !other.begun()
                && other.request().sloClass().onMiss() == OnMiss.DEMOTE
                && other.request().priority() >= request.request().priority();
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
        double behind = shares.behind(request.tenant(), settings.fairness());
        return workNanos(worker, request) / (request.sloClass().weight() * behind);
    }

    /** Time of a request's work in steps that run anyway, with the output as planned. */
    static double workNanos(WorkerView worker, RequestSpec request) {
        int tokens = Deadlines.outputTokens(request, worker.outlook().usualOutputs());
        LatencyModel latency = worker.latency();
        double decodeNanos = (double) tokens * request.sequences() * latency.decodeNanos();
        return prefillNanos(latency, request) + decodeNanos;
    }

    private double firstTokenNanos(
            Waiting request,
            long dueNanos,
            WorkerView worker,
            long nowNanos,
            @Nullable Waiting without) {
        double decodesNanos = decodesNanos(request.request(), worker);
        long tightest = tightestNanos(request.request(), worker);
        if (tightest != Slo.NONE && decodesNanos > settings.decodeShare() * tightest) {
            return NEVER;
        }
        Room room = room(worker, decodesNanos, tightest);
        double startNanos = worker.stepRemainingNanos() + decodesNanos;
        double work = 0;
        double workBefore = 0;
        double first = NEVER;
        for (Promise promise : promises(request, dueNanos, worker, without)) {
            work += promise.nanos;
            workBefore += promise.isNew ? 0 : promise.nanos;
            long leftNanos = promise.dueNanos - nowNanos;
            double savedNanos = promise.isNew ? interruptedNanos(worker) : 0;
            boolean late = startNanos - savedNanos + room.timeFor(work) > leftNanos;
            boolean wasLate = startNanos + room.timeFor(workBefore) > leftNanos;
            if (late && (promise.isNew || (first != NEVER && !wasLate))) {
                return NEVER;
            }
            if (promise.isNew) {
                // where it interrupts the running step, it does so as late as it can
                first = Math.min(startNanos + room.timeFor(work), (double) leftNanos);
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

    /** In the order in which a worker serves them. */
    private List<Promise> promises(
            Waiting request, long dueNanos, WorkerView worker, @Nullable Waiting without) {
        LatencyModel latency = worker.latency();
        List<Promise> promises = new ArrayList<>();
        for (Outlook.Begun begun : worker.outlook().begun()) {
            Waiting of = bound.get(begun.requestId());
            if (of != null) {
                double nanos = latency.prefillNanos(begun.computed(), begun.left());
                add(promises, of, nanos - latency.baseNanos(), worker);
            }
        }
        for (Waiting waiting : worker.unstarted()) {
            if (!waiting.demoted() && !waiting.equals(without)) {
                add(promises, waiting, prefillNanos(latency, waiting.request()), worker);
            }
        }
        int priority = request.request().priority();
        double own = prefillNanos(latency, request.request());
        promises.add(new Promise(priority, dueNanos, own, true));
        promises.sort(
                Comparator.comparingInt(Promise::priority).thenComparingLong(Promise::dueNanos));
        return promises;
    }

    /** When its first token is due, by what a worker knows; {@link Slo#NONE} for never. */
    static long dueNanos(Waiting request, WorkerView worker) {
        return Deadlines.firstTokenNanos(
                request.request(),
                request.arrivalNanos(),
                worker.latency(),
                worker.outlook().usualOutputs());
    }

    private static void add(
            List<Promise> promises, Waiting request, double nanos, WorkerView worker) {
        long dueNanos = dueNanos(request, worker);
        if (dueNanos != Slo.NONE) {
            promises.add(new Promise(request.request().priority(), dueNanos, nanos, false));
        }
    }

    /** Time of its prefills in steps that run anyway. */
    private static double prefillNanos(LatencyModel latency, RequestSpec request) {
        double nanos = 0;
        for (int i = 0; i < request.sequences(); i += request.choices()) {
            int start = request.cachedTokens(i);
            nanos += latency.prefillNanos(start, request.promptTokens(i) - start);
            nanos -= latency.baseNanos();
        }
        return nanos;
    }

    private Room room(WorkerView worker, double decodesNanos, long tightestNanos) {
        if (worker.decodes() == 0) {
            return new Room(NEVER, 1);
        }
        double atOnce = Math.max(0, worker.outlook().stepNanos() - decodesNanos);
        double free = tightestNanos == Slo.NONE ? 1 : 1 - decodesNanos / tightestNanos;
        return new Room(atOnce, Math.max(LEAST_FREE, free));
    }

    /** The tightest planned TPOT with the request; {@link Slo#NONE} where nobody has any. */
    private long tightestNanos(RequestSpec request, WorkerView worker) {
        long tpotNanos = Math.min(work.of(worker).tightestTpotNanos(), tpotNanos(request));
        return tpotNanos == Slo.NONE ? Slo.NONE : settings.planned(tpotNanos);
    }

    /**
     * A step of decodes alone when all that is bound and the request decode: those that may take
     * longer than the tightest are in their share of the steps.
     */
    private double decodesNanos(RequestSpec request, WorkerView worker) {
        BoundWork others = work.of(worker);
        if (others.sequences() == 0) {
            return 0;
        }
        int sequences = others.sequences() + request.sequences();
        double context =
                (double) worker.contextTokens()
                        + worker.pendingPrefillTokens()
                        + request.totalPromptTokens();
        double inStep = sequences;
        long ownNanos = tpotNanos(request);
        long tightest = Math.min(others.tightestTpotNanos(), ownNanos);
        if (settings.patience() > 0 && tightest != Slo.NONE) {
            double own = ownNanos == Slo.NONE ? 0 : (double) request.sequences() / ownNanos;
            double steady = 1 + (others.tokensPerNano() + own) * tightest;
            inStep = Math.min(sequences, steady);
        }
        return worker.latency().decodeStepNanos(inStep, context * inStep / sequences);
    }
}
