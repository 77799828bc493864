package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.TenantShares;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
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
    private final DecodeLoad decodes;
    private final Map<Long, Waiting> bound = new HashMap<>();

    /** Of the workers to which anything is bound. */
    private final Map<WorkerId, PromiseLine> lines = new HashMap<>();

    private final TenantShares shares = new TenantShares();

    Admission(HfxSettings settings, KvDemand kv) {
        this.settings = settings;
        this.decodes = new DecodeLoad(settings, kv);
    }

    /** A request comes that is to be in time. */
    void comes(RequestSpec request, WorkerView like, long nowNanos) {
        decodes.comes(request, like, nowNanos);
    }

    void reported(WorkerView worker) {
        PromiseLine line = lines.get(worker.spec().id());
        if (line != null) {
            line.reported();
            decodes.changed(worker);
        }
    }

    void started(Waiting request, WorkerView worker) {
        PromiseLine line = lines.get(worker.spec().id());
        if (line != null) {
            line.remove(request.request().id());
        }
    }

    void bound(Waiting request, WorkerView worker) {
        lines.computeIfAbsent(worker.spec().id(), id -> new PromiseLine()).bound(request);
        decodes.bound(request, worker);
        bound.put(request.request().id(), request);
        if (!request.demoted()) {
            shares.add(request.request().tenant(), workNanos(worker, request.request()));
        }
    }

    void left(Waiting request, WorkerView worker) {
        started(request, worker);
        decodes.left(request, worker);
        bound.remove(request.request().id());
        if (decodes.isNone(worker)) {
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
    double firstTokenNanos(Waiting request, long dueNanos, WorkerView worker, FleetView fleet) {
        return firstTokenNanos(request, dueNanos, worker, fleet, null);
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
            Waiting request, long dueNanos, WorkerView worker, FleetView fleet) {
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
                        || firstTokenNanos(request, dueNanos, worker, fleet, displaced) == NEVER
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
            FleetView fleet,
            @Nullable Promise without) {
        DecodeLoad.Share share = decodes.with(request.request(), worker);
        boolean fits = without != null || decodes.canSpare(share, worker, fleet);
        if (!fits || !decodes.mayBe(share)) {
            return NEVER;
        }
        double decodesNanos = share.alone() ? 0 : share.stepNanos();
        Room room = room(worker, decodesNanos, share.free());
        long nowNanos = fleet.nowNanos();
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
}
