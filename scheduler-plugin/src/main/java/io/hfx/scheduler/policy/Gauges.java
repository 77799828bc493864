package io.hfx.scheduler.policy;

/**
 * Numbers by which a policy compares workers. A dispatcher reads those of a worker again only when
 * something became known of it, and keeps the least of every number over groups of workers, so that
 * {@link FleetView#least} looks at few of many. Ours; the idea is that of branch and bound.
 *
 * <p>Keep one constant object for each way to compare: a dispatcher knows it by identity.
 */
public interface Gauges {
    /** How many numbers there are; at least 1. */
    int count();

    /**
     * Writes the numbers of a worker, none of them NaN. They depend on the worker alone, not on the
     * time or on what the policy knows: what changes by itself is the part of the {@link Cost}.
     *
     * @param into where to
     * @param at index of the first
     */
    void read(WorkerView worker, double[] into, int at);

    /** What a worker costs by its gauges, for one request at one time. */
    @FunctionalInterface
    interface Cost {
        /** The cost of a worker that will not do. */
        double NEVER = Double.POSITIVE_INFINITY;

        /**
         * The cost; {@link #NEVER} for a worker that will not do. It must not fall when a gauge
         * rises: of numbers of which more is better the gauge is the negative.
         *
         * @param gauges of one worker from {@code at} on, or for each gauge the least of several
         *     workers
         * @param at index of the first
         */
        double of(double[] gauges, int at);
    }
}
