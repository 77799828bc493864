package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.SloClass;
import java.util.HashMap;
import java.util.Map;

/**
 * How much KV the requests of each class would hold at once if all were admitted, by Little's law:
 * their rate times how long one holds it. By it a request leaves room for those that need less KV
 * for less time, for their weight, and leftover work for all others. After trunk reservation in
 * telephone networks and square-root staffing (Halfin and Whitt 1981); what is cheap, and that
 * rates are of arrivals instead of admissions, are ours. Times are on the driver's clock.
 */
final class KvDemand {
    /** By this time the count of arrivals fades. */
    private static final double MEMORY_NANOS = 30e9;

    /** Share of a mean that the newest sample has. */
    private static final double NEWEST = 1.0 / 16;

    /** Stands for all leftover work; for it no room is left. */
    private static final String LEFTOVER = "";

    private final double factor;
    private final Map<String, Held> classes = new HashMap<>();
    private final Map<Long, Long> boundAtNanos = new HashMap<>();
    private long firstNanos = Long.MAX_VALUE;
    private long nowNanos;

    /** The requests of one class. */
    private static final class Held {
        private double weight = 1;
        private double arrivals;
        private long countedNanos;
        private double units;
        private double squares;
        private double holdNanos;
        private int now;

        /** KV times time that one needs, for one unit of its weight; 0 while unknown. */
        double cost() {
            return holdNanos * units / weight;
        }

        double arrivals(long nowNanos) {
            return arrivals * Math.exp((countedNanos - nowNanos) / MEMORY_NANOS);
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
     * A request with an objective came.
     *
     * @param units of KV that it needs
     */
    void arrived(RequestSpec request, long units) {
        SloClass sloClass = request.sloClass();
        Held held = held(sloClass.name());
        held.weight = sloClass.weight();
        held.arrivals = held.arrivals(nowNanos) + 1;
        held.countedNanos = nowNanos;
        held.units = mean(held.units, (double) units);
        held.squares = mean(held.squares, (double) units * units);
    }

    void bound(Waiting request) {
        held(kind(request)).now++;
        boundAtNanos.put(request.request().id(), nowNanos);
    }

    /** It holds nothing any more. */
    void left(Waiting request) {
        Held held = held(kind(request));
        held.now--;
        Long since = boundAtNanos.remove(request.request().id());
        if (since != null) {
            held.holdNanos = mean(held.holdNanos, (double) (nowNanos - since));
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
        Held own = held(kind(request));
        if (factor == 0 || own.now < workers) {
            return 0;
        }
        double cost = kind(request).equals(LEFTOVER) ? Double.POSITIVE_INFINITY : own.cost();
        double variance = 0;
        for (Held other : classes.values()) {
            if (other.cost() < cost) {
                // as many as a Poisson process and any hold time have at once
                variance += perNano(other) * other.holdNanos * other.squares;
            }
        }
        return factor * Math.sqrt(variance / workers);
    }

    private double perNano(Held held) {
        double seenNanos = Math.max(1, (double) (nowNanos - firstNanos));
        return held.arrivals(nowNanos) / (MEMORY_NANOS * -Math.expm1(-seenNanos / MEMORY_NANOS));
    }

    private Held held(String kind) {
        return classes.computeIfAbsent(kind, k -> new Held());
    }

    private static String kind(Waiting request) {
        SloClass sloClass = request.request().sloClass();
        return request.demoted() || sloClass.slo().isBestEffort() ? LEFTOVER : sloClass.name();
    }

    private static double mean(double before, double newest) {
        return before == 0 ? newest : before + NEWEST * (newest - before);
    }
}
