package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.policy.parts.BoundWork;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import java.util.HashMap;
import java.util.Map;

/**
 * What the decodes take of each worker's time when all that is bound to it decodes, and whether
 * they leave enough for one more. Formulas ours.
 */
final class DecodeLoad {
    /** Times the KV that all would hold at once which the others must have. */
    private static final double KV_SPARE = 1.25;

    private final HfxSettings settings;
    private final KvDemand kv;
    private final BoundWork.Fleet work = new BoundWork.Fleet(this::boundTpotNanos);
    private final PrefillTime prefillTime;

    /** The planned TPOTs of bound requests, as they were when they were bound. */
    private final Map<Long, Long> tpots = new HashMap<>();

    DecodeLoad(HfxSettings settings, KvDemand kv) {
        this.settings = settings;
        this.kv = kv;
        this.prefillTime = new PrefillTime(settings.spare());
    }

    /**
     * @param stepNanos a step of decodes alone: those that may take longer than the tightest are in
     *     their share of the steps
     * @param free share of the time that such steps leave when they keep the tightest planned TPOT,
     *     0 to 1
     * @param alone whether nothing else is bound to the worker
     */
    record Share(double stepNanos, double free, boolean alone) {}

    /** Share of the time that is left beside steps when they keep a TPOT. */
    private static double free(double stepNanos, long tpotNanos) {
        return tpotNanos == Slo.NONE ? 1 : Math.max(0, 1 - stepNanos / tpotNanos);
    }

    /** A request comes that is to be in time. */
    void comes(RequestSpec request, WorkerView like, long nowNanos) {
        double aloneNanos = like.latency().decodeStepNanos(1, request.totalPromptTokens());
        if (free(aloneNanos, tpotNanos(request, like)) >= PrefillTime.CLOSED) {
            prefillTime.comes(Admission.prefillNanos(like.latency(), request), nowNanos);
        }
    }

    void bound(Waiting request, WorkerView worker) {
        tpots.put(request.request().id(), tpotNanos(request.request(), worker));
        work.bound(request, worker);
        changed(worker);
    }

    void left(Waiting request, WorkerView worker) {
        work.left(request, worker);
        tpots.remove(request.request().id());
        changed(worker);
    }

    /** Something else is known of a worker. */
    void changed(WorkerView worker) {
        prefillTime.has(worker, isNone(worker) ? 1 : share(worker, 0, 0, Slo.NONE).free);
    }

    /** Whether nothing is bound to a worker. */
    boolean isNone(WorkerView worker) {
        return work.of(worker).sequences() == 0;
    }

    /** With one request more. */
    Share with(RequestSpec request, WorkerView worker) {
        return share(
                worker,
                request.sequences(),
                request.totalPromptTokens(),
                tpotNanos(request, worker));
    }

    /** Whether a worker's decodes may take what they take with one request more. */
    boolean mayBe(Share with) {
        return with.alone || with.free >= 1 - settings.decodeShare();
    }

    /**
     * Whether the fleet can do without what a worker's prefill would lose, and without its KV, of
     * which no others take any then.
     */
    boolean canSpare(Share with, WorkerView worker, FleetView fleet) {
        int workers = fleet.workers().size();
        return with.free >= PrefillTime.CLOSED
                || (prefillTime.canSpare(worker, with.free, workers, fleet.nowNanos())
                        && prefillTime.open(worker, workers) >= KV_SPARE * kv.workers());
    }

    private Share share(WorkerView worker, int ownSequences, long ownTokens, long ownTpotNanos) {
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
        double stepNanos = worker.latency().decodeStepNanos(inStep, context * inStep / sequences);
        return new Share(stepNanos, free(stepNanos, tightest), others.sequences() == 0);
    }

    /**
     * The planned TPOT; {@link Slo#NONE} where there is none: a request of which just the end is
     * due has time for its first token taken off instead.
     */
    private long tpotNanos(RequestSpec request, WorkerView worker) {
        long tpotNanos = request.sloClass().slo().tpotNanos();
        if (tpotNanos == Slo.NONE) {
            return Slo.NONE;
        }
        if (request.sloClass().tpotMode() != ScoringMode.MEAN) {
            return settings.planned(tpotNanos);
        }
        int tokens = Deadlines.outputTokens(request, worker.outlook().usualOutputs());
        return settings.plannedMean(tpotNanos, tokens);
    }

    private long boundTpotNanos(RequestSpec request) {
        return tpots.getOrDefault(request.id(), Slo.NONE);
    }
}
