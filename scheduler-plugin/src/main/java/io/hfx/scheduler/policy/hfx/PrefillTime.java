package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.request.WorkerId;
import java.util.HashMap;
import java.util.Map;

/**
 * How much of the fleet's time is left for prefill beside the decodes, and how much prefill comes,
 * both in workers. A request whose TPOT is little more than a decode step takes nearly all of that
 * time from its worker for as long as it decodes: by this one knows whether the others can do
 * without. Formulas ours. Times are on the driver's clock.
 */
final class PrefillTime {
    /** Share of a worker's time below which it can as good as not prefill. */
    static final double CLOSED = 0.12;

    /** By this time the count of work fades. */
    private static final double MEMORY_NANOS = 30e9;

    /** Units of a share of a worker's time: whole ones, so that sums stay exact. */
    private static final double UNITS = 1L << 32;

    private final double spare;
    private final Map<WorkerId, Long> taken = new HashMap<>();
    private long takenUnits;
    private int closed;
    private double workNanos;
    private long countedNanos;
    private long firstNanos = Long.MAX_VALUE;

    /**
     * @param spare times the prefill that comes which the time left for it must be, for one worker
     *     to do without; 0 for any
     */
    PrefillTime(double spare) {
        this.spare = spare;
    }

    /** So much prefill is to be served by workers that decode at a looser pace. */
    void comes(double nanos, long nowNanos) {
        firstNanos = Math.min(firstNanos, nowNanos);
        workNanos = workNanos * Math.exp((countedNanos - nowNanos) / MEMORY_NANOS) + nanos;
        countedNanos = nowNanos;
    }

    /**
     * What a worker has for prefill from now on.
     *
     * @param free share of its time, 0 to 1
     */
    void has(WorkerView worker, double free) {
        long units = Math.round((1 - free) * UNITS);
        Long before =
                units == 0
                        ? taken.remove(worker.spec().id())
                        : taken.put(worker.spec().id(), units);
        takenUnits += units - (before == null ? 0 : before);
        closed += (isClosed(units) ? 1 : 0) - (before != null && isClosed(before) ? 1 : 0);
    }

    private static boolean isClosed(long units) {
        return units > (1 - CLOSED) * UNITS;
    }

    /** Workers that can prefill when this one cannot. */
    int open(WorkerView without, int workers) {
        boolean counted = isClosed(taken.getOrDefault(without.spec().id(), 0L));
        return workers - closed - (counted ? 0 : 1);
    }

    /**
     * Whether the fleet can spare what a worker would lose.
     *
     * @param free share of its time that would be left
     */
    boolean canSpare(WorkerView worker, double free, int workers, long nowNanos) {
        if (free >= CLOSED) {
            return true;
        }
        double before = taken.getOrDefault(worker.spec().id(), 0L) / UNITS;
        double left = workers - takenUnits / UNITS - (1 - free - before);
        return left >= spare * coming(nowNanos);
    }

    /** Prefill that comes, in workers. */
    private double coming(long nowNanos) {
        if (firstNanos == Long.MAX_VALUE) {
            return 0;
        }
        double seenNanos = MEMORY_NANOS * (1 - Math.exp((firstNanos - nowNanos) / MEMORY_NANOS));
        double faded = workNanos * Math.exp((countedNanos - nowNanos) / MEMORY_NANOS);
        return seenNanos == 0 ? 0 : faded / seenNanos;
    }
}
