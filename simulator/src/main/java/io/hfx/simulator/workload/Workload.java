package io.hfx.simulator.workload;

import java.util.ArrayList;
import java.util.List;

/**
 * Requests in the order of their arrival, and what was done to them on the way here.
 *
 * @param name of the shape or file they come from
 * @param arrivals ascending in time; ties keep their order
 * @param windowNanos length of the workload in nanoseconds, above 0; every arrival lies in it
 * @param clampedRequests requests whose lengths were cut to fit a context (see {@link LengthFit})
 * @param skippedRows rows of a trace without prompt or output tokens (failed where it was recorded)
 */
public record Workload(
        String name,
        List<Arrival> arrivals,
        long windowNanos,
        int clampedRequests,
        int skippedRows) {
    private static final double NANOS_PER_SECOND = 1e9;

    public Workload {
        arrivals = List.copyOf(arrivals);
        long beforeNanos = 0;
        for (Arrival arrival : arrivals) {
            if (arrival.atNanos() < beforeNanos || arrival.atNanos() >= windowNanos) {
                throw new IllegalArgumentException(
                        "arrival at "
                                + arrival.atNanos()
                                + " ns is out of order or outside the window");
            }
            beforeNanos = arrival.atNanos();
        }
        if (windowNanos <= 0) {
            throw new IllegalArgumentException("windowNanos must be above 0, was " + windowNanos);
        }
    }

    /** Requests per second over the window. */
    public double meanPerSecond() {
        return arrivals.size() / (windowNanos / NANOS_PER_SECOND);
    }

    /** The part that starts {@code fromNanos} in and is at most {@code lengthNanos} long. */
    public Workload window(long fromNanos, long lengthNanos) {
        if (fromNanos < 0 || fromNanos >= windowNanos || lengthNanos <= 0) {
            throw new WorkloadException(
                    name
                            + ": the window must start within its "
                            + windowNanos / NANOS_PER_SECOND
                            + " s and be longer than 0 s");
        }
        long keptNanos = Math.min(lengthNanos, windowNanos - fromNanos);
        List<Arrival> kept = new ArrayList<>();
        for (Arrival arrival : arrivals) {
            long atNanos = arrival.atNanos() - fromNanos;
            if (atNanos >= 0 && atNanos < keptNanos) {
                kept.add(arrival.at(atNanos));
            }
        }
        return new Workload(name, kept, keptNanos, clampedRequests, skippedRows);
    }

    /**
     * The first so many requests, in a window that ends where the next one would arrive; all of
     * them where there are no more.
     */
    public Workload first(long requests) {
        if (requests < 1) {
            throw new WorkloadException(name + ": the window holds no request");
        }
        if (requests >= arrivals.size()) {
            return this;
        }
        long endNanos = Math.max(1, arrivals.get((int) requests).atNanos());
        List<Arrival> kept =
                arrivals.subList(0, (int) requests).stream()
                        .map(a -> a.at(Math.min(a.atNanos(), endNanos - 1)))
                        .toList();
        return new Workload(name, kept, endNanos, clampedRequests, skippedRows);
    }

    /** The same requests in stretched or compressed time, so that the mean rate is this. */
    public Workload atRate(double perSecond) {
        if (!(perSecond > 0) || Double.isInfinite(perSecond)) {
            throw new WorkloadException("rate must be above 0 requests/s, was " + perSecond);
        }
        double stretch = meanPerSecond() / perSecond;
        long scaledNanos = Math.max(1, (long) Math.ceil(windowNanos * stretch));
        List<Arrival> scaled = new ArrayList<>(arrivals.size());
        for (Arrival arrival : arrivals) {
            long atNanos = (long) (arrival.atNanos() * stretch);
            scaled.add(arrival.at(Math.min(atNanos, scaledNanos - 1)));
        }
        return new Workload(name, scaled, scaledNanos, clampedRequests, skippedRows);
    }

    /** The same requests, each in a class drawn from the mix. */
    public Workload assigned(ClassMix mix, long seed) {
        return with(mix.assign(arrivals, seed), clampedRequests);
    }

    Workload with(List<Arrival> others, int clamped) {
        return new Workload(name, others, windowNanos, clamped, skippedRows);
    }
}
