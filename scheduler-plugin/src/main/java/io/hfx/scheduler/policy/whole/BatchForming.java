package io.hfx.scheduler.policy.whole;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.policy.FleetView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.slo.Slo;
import org.jspecify.annotations.Nullable;

/**
 * Decides when an idle worker's batch starts, who joins it, and whom it passes over; ours.
 *
 * <ul>
 *   <li>Nobody joins whom the batch, or who the batch, would make late by the fitted model.
 *   <li>A batch grows only where that saves time: requests that run as fast one by one leave the
 *       worker free sooner for what comes next.
 *   <li>Batches of one teach nothing of larger ones. So now and then two run together whatever the
 *       model says; it knows better after one such batch.
 *   <li>Under overload the tightest request could keep every batch small, and the queue full for
 *       good. It is passed over where a full batch in its place lets more requests of the queue be
 *       on time, but for itself.
 * </ul>
 */
final class BatchForming {
    /** Time between two batches that grow against the prediction. */
    private static final long TRIAL_NANOS = 10_000_000_000L;

    /** Share of a lone request's time that one in a batch may take for the batch to pay. */
    private static final double MOST_SHARE = 0.9;

    /**
     * What a further member adds before any batch of several was measured: little enough to try one
     * where there is time, and so much that it seldom makes anyone late.
     */
    private static final double PRIOR_GROWTH = 0.75;

    /** Requests of the queue that are looked at before one is passed over. */
    private static final int LOOK_AHEAD = 1_024;

    private static final int[] LANES = {HfxWhole.ON_TIME, HfxWhole.LEFTOVER, HfxWhole.DEMOTED};

    private final WholeSettings settings;
    private long nextTrialNanos;

    /**
     * Time that each further member adds, as a share of a lone request's: as fitted when a batch of
     * several was measured last. The fit itself forgets it while requests come one by one.
     */
    private double growth = PRIOR_GROWTH;

    /** A worker that runs a batch of several, and its latency model before. */
    private @Nullable WorkerView measured;

    private @Nullable LatencyModel before;

    /** Who is due before the one is passed over at the other. */
    private long passBeforeNanos;

    private long passAtNanos = -1;

    BatchForming(WholeSettings settings) {
        this.settings = settings;
    }

    /** Predicted time of a batch, with the margin. */
    long batchNanos(WorkerView worker, int requests) {
        long loneNanos = nanos(worker.latency(), 1);
        return (long) (loneNanos * (1 + (requests - 1) * growth()) / settings.margin());
    }

    private double growth() {
        if (measured != null && !measured.latency().equals(before)) {
            LatencyModel latency = measured.latency();
            measured = null;
            growth = (double) nanos(latency, 2) / Math.max(1, nanos(latency, 1)) - 1;
        }
        return growth;
    }

    /** Predicted time of a batch, without the margin. */
    static long nanos(LatencyModel latency, int requests) {
        return latency.stepNanos(new StepShape(requests, requests, 0.5 * requests, 0, 0));
    }

    /** Whether a request may join the batch that a worker is about to run. */
    boolean mayJoin(WorkerView worker, long dueNanos, FleetView fleet) {
        int members = worker.unstarted().size();
        boolean trial = members == 1 && fleet.nowNanos() >= nextTrialNanos;
        return trial
                || (hasTime(worker, dueNanos, fleet.nowNanos())
                        && pays(worker, members + fleet.waiting()));
    }

    /** A request was bound to an idle worker. */
    void bound(WorkerView worker, long nowNanos) {
        passAtNanos = -1;
        if (worker.unstarted().isEmpty()) {
            if (worker == measured) {
                measured = null; // its last batch of several taught nothing
            }
        } else {
            nextTrialNanos = nowNanos + TRIAL_NANOS;
            measured = worker;
            before = worker.latency();
        }
    }

    /** Whether a new batch starts now, rather than waits to fill. */
    boolean starts(WorkerView worker, FleetView fleet) {
        if (fleet.waiting() >= worker.spec().maxSequences()) {
            return true;
        }
        for (int lane : LANES) {
            for (Waiting request : fleet.requests(lane)) {
                if (fleet.nowNanos() >= releaseNanos(request, worker)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Until when a batch with this request waits to fill: no longer than it can afford. */
    long releaseNanos(Waiting request, WorkerView worker) {
        int most = worker.spec().maxSequences();
        if (most == 1 || settings.maxBatchDelayNanos() == 0) {
            return request.arrivalNanos();
        }
        long dueNanos = HfxWhole.dueNanos(request);
        long latestNanos =
                dueNanos == Slo.NONE ? Long.MAX_VALUE : dueNanos - batchNanos(worker, most);
        return Math.min(request.arrivalNanos() + settings.maxBatchDelayNanos(), latestNanos);
    }

    /** Whether a new batch does better without this request, the first of those on time. */
    boolean passesOver(Waiting request, WorkerView worker, FleetView fleet) {
        long dueNanos = HfxWhole.dueNanos(request);
        int full = Math.min(worker.spec().maxSequences(), fleet.waiting(HfxWhole.ON_TIME));
        if (dueNanos == Slo.NONE || full < 2 || !pays(worker, full)) {
            return false;
        }
        long nowNanos = fleet.nowNanos();
        if (passAtNanos != nowNanos) {
            passAtNanos = nowNanos;
            int size = batchWithout(dueNanos, full, worker, fleet);
            passBeforeNanos = size == 0 ? Long.MIN_VALUE : nowNanos + batchNanos(worker, size);
        }
        return dueNanos < passBeforeNanos;
    }

    /** Size of the batches that do better than the largest with the first request; 0 for none. */
    private int batchWithout(long dueNanos, int full, WorkerView worker, FleetView fleet) {
        long nowNanos = fleet.nowNanos();
        int with = 1;
        while (with < full && nowNanos + batchNanos(worker, with + 1) <= dueNanos) {
            with++;
        }
        long withNanos = batchNanos(worker, with) / fleet.workers().size();
        int best = 0;
        int mostWith = 0;
        int mostWithout = 0;
        for (int size = with; size < full; ) {
            size = Math.min(full, 2 * size);
            int rest = onTime(fleet, worker, size, with, nowNanos + withNanos);
            mostWith = Math.max(mostWith, with + rest);
            int without = onTime(fleet, worker, size, 0, nowNanos);
            if (without > mostWithout) {
                mostWithout = without;
                best = size;
            }
        }
        return mostWithout > mostWith ? best : 0;
    }

    /**
     * How many of the first requests of the queue, but for those skipped, are on time if batches of
     * a size run one after the other, and who cannot make its batch is left out.
     */
    private int onTime(FleetView fleet, WorkerView worker, int size, int skipped, long startNanos) {
        long nanos = batchNanos(worker, size);
        long atNanos = startNanos;
        int onTime = 0;
        int index = 0;
        for (Waiting request : fleet.requests(HfxWhole.ON_TIME)) {
            if (index == LOOK_AHEAD) {
                break;
            }
            if (index++ >= skipped && HfxWhole.dueNanos(request) >= atNanos + nanos) {
                onTime++;
                atNanos += onTime % size == 0 ? nanos / fleet.workers().size() : 0;
            }
        }
        return onTime;
    }

    private boolean hasTime(WorkerView worker, long dueNanos, long nowNanos) {
        int members = worker.unstarted().size();
        long endNanos = nowNanos + batchNanos(worker, members + 1);
        long aloneNanos = nowNanos + batchNanos(worker, members);
        boolean fits = endNanos <= dueNanos;
        for (Waiting member : worker.unstarted()) {
            long memberDueNanos = HfxWhole.dueNanos(member);
            fits &= endNanos <= memberDueNanos || aloneNanos > memberDueNanos;
        }
        return fits;
    }

    private boolean pays(WorkerView worker, int requests) {
        int n = Math.min(worker.spec().maxSequences(), requests);
        return batchNanos(worker, n) <= MOST_SHARE * n * batchNanos(worker, 1);
    }
}
