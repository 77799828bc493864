package io.hfx.simulator.fleet;

/**
 * What a whole run comes to.
 *
 * @param arrived requests
 * @param completed of these, those whose every sequence came to its end
 * @param refused of these, those that were not served
 * @param cancelled of these, those whose client left
 * @param outputTokens made, those of cancelled requests included
 * @param steps begun on all workers
 * @param tasks of the simulation: messages, slices, arrivals and so on
 * @param busyNanos in which steps ran, summed over workers
 * @param workerNanos in which workers were there until the end, summed
 * @param endNanos virtual time when the last request was over
 * @param mostInFlight most requests unfinished at the same time
 * @param inFlightNanos integral of the number of unfinished requests over time
 * @param modelMape mean of |predicted - took| / took over all steps, by the model that the planner
 *     had as it composed each; overhead between steps is in neither
 * @param modelBias mean of (predicted - took) / took; above 0 where steps were predicted too long
 * @param askedTokens of prompts that began where there is a prefix cache, those begun again counted
 *     again
 * @param cachedTokens of these, those that were taken from it
 */
public record RunTotals(
        long arrived,
        long completed,
        long refused,
        long cancelled,
        long outputTokens,
        long steps,
        long tasks,
        long busyNanos,
        long workerNanos,
        long endNanos,
        long mostInFlight,
        double inFlightNanos,
        double modelMape,
        double modelBias,
        long askedTokens,
        long cachedTokens) {
    /** Share of the prompts' tokens that came from the prefix cache; 0 without one. */
    public double cachedShare() {
        return (double) cachedTokens / Math.max(1, askedTokens);
    }
}
