package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.FleetPolicy;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.policy.parts.Due;
import io.hfx.scheduler.policy.parts.Workers;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.slo.Slo;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** PolyServe's router: bins, admission tests, load gradient, lazy promotion. */
final class PolyServeFleet implements FleetPolicy {
    /** Bin of requests without a TPOT: looser than all others. */
    static final int UNTIMED = 100;

    /** Lane of requests that cannot make their first token any more. */
    private static final int LATE = 101;

    /** Late and untimed sequences beside one with a TPOT, so that they leave room for others. */
    private static final double UNTIMED_SHARE = 0.125;

    /** A request that no worker took is offered again after this, or when any request has left. */
    private static final long RETRY_NANOS = 5_000_000;

    private static final double NANOS_PER_MS = 1e6;

    private final PolyServe.Settings settings;
    private final BoundWork.Fleet work = new BoundWork.Fleet();
    private final Map<WorkerId, Integer> binOf = new HashMap<>();
    private final Map<Integer, Offer> lastOffers = new HashMap<>();
    private long departures;

    PolyServeFleet(PolyServe.Settings settings) {
        this.settings = settings;
    }

    @Override
    public Rank rank(Waiting request, FleetView fleet) {
        int priority = request.request().priority();
        return request.demoted()
                ? new Rank(LATE, priority, request.arrivalNanos())
                : new Rank(bin(request), priority, Due.firstTokenNanos(request, 0));
    }

    /** Four bins to an octave of TPOT: 20, 30, 50 and 100 ms lie in four of them. */
    static int bin(Waiting request) {
        long tpotNanos = request.demoted() ? Slo.NONE : Due.tpotNanos(request.request());
        if (tpotNanos == Slo.NONE) {
            return UNTIMED;
        }
        double octave = Math.log(tpotNanos / NANOS_PER_MS) / Math.log(2);
        return (int) Math.max(0, Math.min(UNTIMED - 1, Math.round(4 * octave)));
    }

    /** The head of a lane that no worker took: the fleet is not searched at each report. */
    private record Offer(long requestId, long atNanos, long departures) {}

    @Override
    public Route route(Waiting request, FleetView fleet) {
        int lane = request.demoted() ? LATE : bin(request);
        Offer last = lastOffers.get(lane);
        if (last != null
                && last.requestId() == request.request().id()
                && last.departures() == departures
                && fleet.nowNanos() < last.atNanos() + RETRY_NANOS) {
            return new Route.CloseLane();
        }
        WorkerView best = best(request, fleet);
        if (best != null) {
            return new Route.Bind(best.spec().id());
        }
        lastOffers.put(lane, new Offer(request.request().id(), fleet.nowNanos(), departures));
        return isLate(request, fleet) ? new Route.Demote() : new Route.CloseLane();
    }

    /** What a request asks of every worker alike. */
    private record Wanted(
            Waiting waiting,
            int bin,
            long tpotNanos,
            long dueNanos,
            int sequences,
            double outputs) {
        static Wanted by(Waiting waiting) {
            RequestSpec request = waiting.request();
            boolean late = waiting.demoted();
            return new Wanted(
                    waiting,
                    PolyServeFleet.bin(waiting),
                    late ? Slo.NONE : Due.tpotNanos(request),
                    late ? Slo.NONE : Due.firstTokenNanos(waiting, 0),
                    request.sequences(),
                    (double) request.sequences() * request.plannedTokens());
        }

        int prefillTokens() {
            return waiting.request().prefillTokens();
        }

        int promptTokens() {
            return waiting.request().totalPromptTokens();
        }
    }

    private @Nullable WorkerView best(Waiting request, FleetView fleet) {
        Wanted wanted = Wanted.by(request);
        int bin = wanted.bin();
        WorkerView best = null;
        int bestStep = Integer.MAX_VALUE;
        for (WorkerView worker : fleet.workers()) {
            int step = step(worker, bin);
            boolean better = step < bestStep || (step == bestStep && prefers(worker, best));
            if (better && admits(worker, wanted, fleet.nowNanos())) {
                best = worker;
                bestStep = step;
            }
        }
        return best;
    }

    /** 0 for a worker of the bin, 1 for one of no bin, then tighter bins, then looser ones. */
    private int step(WorkerView worker, int bin) {
        Integer owner = binOf.get(worker.spec().id());
        if (owner == null) {
            return 1;
        }
        if (owner > bin) {
            return UNTIMED + owner - bin;
        }
        return owner == bin ? 0 : 1 + bin - owner;
    }

    private boolean prefers(WorkerView worker, @Nullable WorkerView best) {
        if (best == null) {
            return true;
        }
        long more = Workers.load(worker) - Workers.load(best);
        return settings.gradient() ? more > 0 : more < 0;
    }

    /** Whether a worker keeps its promises with one more request; an empty one takes anything. */
    private boolean admits(WorkerView worker, Wanted wanted, long nowNanos) {
        if (!worker.hasKvFor(wanted.waiting().request())) {
            return false;
        }
        if (worker.requests() == 0) {
            return true;
        }
        BoundWork bound = work.of(worker);
        if (wanted.bin() == UNTIMED
                && bound.timedSequences() > 0
                && bound.untimedSequences() > UNTIMED_SHARE * bound.timedSequences()) {
            return false;
        }
        long tightest = Math.min(bound.tightestTpotNanos(), wanted.tpotNanos());
        long limitNanos = tightest == Slo.NONE ? Slo.NONE : (long) (tightest * settings.margin());
        return keepsTpot(worker, bound, wanted, limitNanos)
                && sustainsPrefill(worker, limitNanos)
                && makesFirstToken(worker, wanted, limitNanos, nowNanos);
    }

    /** Whether decodes leave room for the smallest chunk in each step. */
    private boolean sustainsPrefill(WorkerView worker, long limitNanos) {
        StepShape least = Workers.decodes(worker).plusChunk(0, settings.minChunkTokens());
        return worker.latency().stepNanos(least) <= limitNanos;
    }

    /** The steady state: everybody decodes, with half of all outputs still to come in KV. */
    private static boolean keepsTpot(
            WorkerView worker, BoundWork bound, Wanted wanted, long limitNanos) {
        int sequences = bound.sequences() + wanted.sequences();
        double outputs = bound.outputTokens() + wanted.outputs();
        double context =
                worker.contextTokens()
                        + worker.pendingPrefillTokens()
                        + wanted.promptTokens()
                        + outputs / 2;
        return worker.latency().decodeStepNanos(sequences, context) <= limitNanos;
    }

    /** First token in time, and the one after it, even if it waits for one more step. */
    private boolean makesFirstToken(
            WorkerView worker, Wanted wanted, long limitNanos, long nowNanos) {
        long dueNanos = wanted.dueNanos();
        if (dueNanos == Slo.NONE) {
            return true;
        }
        LatencyModel latency = worker.latency();
        StepShape decodes = Workers.decodes(worker);
        int chunk = latency.largestChunk(decodes, 0, limitNanos, settings.maxChunkTokens());
        long firstNanos = nowNanos + Workers.firstTokenNanos(worker, wanted.prefillTokens(), chunk);
        long stepNanos = latency.stepNanos(decodes.plusChunk(0, chunk));
        long tpotNanos = wanted.tpotNanos();
        return firstNanos <= dueNanos
                && (tpotNanos == Slo.NONE || firstNanos + stepNanos <= dueNanos + tpotNanos);
    }

    /** Whether it would miss its first token even on an empty worker. */
    private boolean isLate(Waiting request, FleetView fleet) {
        long dueNanos = Due.firstTokenNanos(request, 0);
        if (request.demoted() || request.begun() || dueNanos == Slo.NONE) {
            return false;
        }
        long fastest = 0;
        for (WorkerView worker : fleet.workers()) {
            long nanos = worker.latency().prefillNanos(0, request.request().prefillTokens());
            fastest = fastest == 0 ? nanos : Math.min(fastest, nanos);
        }
        return fleet.nowNanos() + fastest > dueNanos;
    }

    @Override
    public void bound(Waiting request, WorkerView worker) {
        work.bound(request, worker);
        if (bin(request) != UNTIMED) {
            binOf.merge(worker.spec().id(), bin(request), Math::min);
        }
    }

    @Override
    public void left(Waiting request, WorkerView worker) {
        work.left(request, worker);
        departures++;
        if (work.of(worker).timedSequences() == 0) {
            binOf.remove(worker.spec().id());
        }
    }
}
