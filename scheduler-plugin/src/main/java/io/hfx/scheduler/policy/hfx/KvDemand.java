package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.policy.WorkerView;
import io.hfx.scheduler.slo.SloClass;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How much KV the requests of each class would hold at once if none had to wait for it, by Little's
 * law: their rate times how long one holds it. By it a request leaves room for those that need less
 * KV for less time, for their weight, and leftover work for all others. After trunk reservation in
 * telephone networks and square-root staffing (Halfin and Whitt 1981); that less room is left where
 * KV is scarcer than time is ours. Times are on the driver's clock.
 */
final class KvDemand {
    /** By this time the count of requests fades. */
    private static final double MEMORY_NANOS = 30e9;

    /** Share of a mean that the newest sample has. */
    private static final double NEWEST = 1.0 / 16;

    /**
     * Times less that another must need, where only KV is scarce, before any room is left for it:
     * then KV that stays free is work that is not done.
     */
    private static final double WORTH_ROOM = 4;

    /** Stands for all leftover work; for it no room is left. */
    private static final String LEFTOVER = "";

    private final double factor;
    private final Map<String, Demand> classes = new HashMap<>();
    private final Set<Long> wanting = new HashSet<>();
    private final Map<Long, Long> boundAtNanos = new HashMap<>();
    private long firstNanos = Long.MAX_VALUE;
    private long nowNanos;

    /** The requests of one class; means of one. */
    private static final class Demand {
        private double weight = 1;
        private double count;
        private long countedNanos;
        private double units;
        private double unitsSquared;
        private double share;
        private double workNanos;
        private double holdNanos;
        private int bound;

        void add(WorkerView like, Waiting request, double newWorkNanos, long nowNanos) {
            count = count(nowNanos) + 1;
            countedNanos = nowNanos;
            double newUnits = like.kvCost(request.request());
            weight = request.request().sloClass().weight();
            units = mean(units, newUnits);
            unitsSquared = mean(unitsSquared, newUnits * newUnits);
            share = mean(share, newUnits / like.spec().kv().totalUnits());
            workNanos = mean(workNanos, newWorkNanos);
        }

        double count(long nowNanos) {
            return count * Math.exp((countedNanos - nowNanos) / MEMORY_NANOS);
        }

        /** KV times time, for one unit of weight; 0 while unknown. */
        double cost() {
            return holdNanos * units / weight;
        }

        private static double mean(double before, double newest) {
            return before == 0 ? newest : before + NEWEST * (newest - before);
        }

        void held(double nanos) {
            holdNanos = mean(holdNanos, nanos);
        }
    }

    /**
     * @param factor room that is left, in standard deviations of the KV that those before hold at
     *     once; 0 for none
     */
    KvDemand(double factor) {
        this.factor = factor;
    }

    /** The time of all that is told until the next call. */
    void at(long nanos) {
        nowNanos = nanos;
        firstNanos = Math.min(firstNanos, nanos);
    }

    /**
     * A worker would serve a request in time if it had KV. It counts once.
     *
     * @param like a worker
     * @param workNanos of the request there
     */
    void wants(Waiting request, WorkerView like, double workNanos) {
        if (wanting.add(request.request().id())) {
            of(request).add(like, request, workNanos, nowNanos);
        }
    }

    /** It waits no longer, and is not bound. */
    void gone(Waiting request) {
        wanting.remove(request.request().id());
    }

    void bound(Waiting request) {
        gone(request);
        of(request).bound++;
        boundAtNanos.put(request.request().id(), nowNanos);
    }

    /** It holds nothing any more. */
    void left(Waiting request) {
        Demand demand = of(request);
        demand.bound--;
        Long since = boundAtNanos.remove(request.request().id());
        if (since != null) {
            demand.held((double) (nowNanos - since));
        }
    }

    /** One that was bound loses its place, and holds its KV as leftover. */
    void displaced(Waiting request) {
        boundAtNanos.remove(request.request().id());
    }

    /**
     * KV that a request is to leave free on its worker. As many of each class as there are workers
     * need leave none, so that nobody starves.
     *
     * @param workers at least 1
     * @return in units
     */
    double kept(Waiting request, int workers) {
        Demand own = of(request);
        if (factor == 0 || own.bound < workers) {
            return 0;
        }
        double cost = request.leftover() ? Double.POSITIVE_INFINITY : own.cost();
        double pricePerCost = WORTH_ROOM * kvScarcity() / cost;
        double variance = 0;
        for (Demand other : classes.values()) {
            double deviations = 1 - pricePerCost * other.cost();
            if (other.cost() < cost && deviations > 0) {
                // as many as a Poisson process and any hold time have at once
                double atOnce = perNano(other) * other.holdNanos;
                variance += deviations * deviations * atOnce * other.unitsSquared;
            }
        }
        return factor * Math.sqrt(variance / workers);
    }

    /** Workers whose KV all that comes would hold at once in the mean. */
    double workers() {
        double workers = 0;
        for (Demand demand : classes.values()) {
            workers += perNano(demand) * demand.holdNanos * demand.share;
        }
        return workers;
    }

    /** 0 where time is asked for at least as much as KV, as shares of what there is; at most 1. */
    private double kvScarcity() {
        double time = 0;
        double kv = 0;
        for (Demand demand : classes.values()) {
            double count = demand.count(nowNanos);
            time += count * demand.workNanos;
            kv += count * demand.share * demand.holdNanos;
        }
        return kv == 0 ? 0 : Math.max(0, 1 - time / kv);
    }

    private double perNano(Demand demand) {
        double seenNanos = Math.max(1, (double) (nowNanos - firstNanos));
        return demand.count(nowNanos) / (MEMORY_NANOS * -Math.expm1(-seenNanos / MEMORY_NANOS));
    }

    private Demand of(Waiting request) {
        SloClass sloClass = request.request().sloClass();
        String name = request.leftover() ? LEFTOVER : sloClass.name();
        return classes.computeIfAbsent(name, n -> new Demand());
    }
}
