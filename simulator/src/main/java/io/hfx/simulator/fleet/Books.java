package io.hfx.simulator.fleet;

import io.hfx.engine.prefix.PrefixStats;
import io.hfx.scheduler.slo.SequenceTimeline;

/**
 * Keeps count of a run in two ways that know nothing of each other, and holds them against each
 * other at its end: requests in flight as time goes on, and the stay of each from its own times.
 */
final class Books {
    /** Allowed relative difference of the two sums: they are added up in another order. */
    private static final double ROUNDING = 1e-9;

    private long arrived;
    private long completed;
    private long refused;
    private long cancelled;
    private long outputTokens;
    private long inFlight;
    private long mostInFlight;
    private long changedNanos;
    private double inFlightNanos;
    private double stayNanos;

    void arrived(long atNanos) {
        change(atNanos, 1);
        arrived++;
        mostInFlight = Math.max(mostInFlight, inFlight);
    }

    /** A request is over. */
    void over(SimOutcome outcome, long tokens, long atNanos) {
        change(atNanos, -1);
        stayNanos += atNanos - outcome.request().arrivalNanos();
        outputTokens += tokens;
        if (outcome.refused() != null) {
            refused++;
        } else if (outcome.cancelled()) {
            cancelled++;
        } else {
            completed++;
            checkTimes(outcome, atNanos);
        }
    }

    /** When the last request came or was over: the end of the run. */
    long endNanos() {
        return changedNanos;
    }

    RunTotals totals(
            long steps,
            long tasks,
            long busyNanos,
            long workerNanos,
            PredictionErrors errors,
            PrefixStats cache) {
        return new RunTotals(
                arrived,
                completed,
                refused,
                cancelled,
                outputTokens,
                steps,
                tasks,
                busyNanos,
                workerNanos,
                changedNanos,
                mostInFlight,
                inFlightNanos,
                errors.mape(),
                errors.bias(),
                cache.askedTokens(),
                cache.hitTokens());
    }

    /**
     * Checks that no request is lost or counted twice, and Little's law: the mean number in flight
     * is the arrival rate times the mean stay. Over a run that ends empty it holds exactly.
     *
     * @throws IllegalStateException if it does not
     */
    void check() {
        if (inFlight != 0 || arrived != completed + refused + cancelled) {
            throw new IllegalStateException(
                    arrived + " requests came, " + (arrived - inFlight) + " are accounted for");
        }
        if (Math.abs(inFlightNanos - stayNanos) > ROUNDING * Math.max(1, stayNanos)) {
            throw new IllegalStateException(
                    "Little's law: in flight " + inFlightNanos + " request-ns, stays " + stayNanos);
        }
    }

    private void change(long atNanos, int by) {
        if (atNanos < changedNanos) {
            throw new IllegalStateException("time went back to " + atNanos);
        }
        inFlightNanos += (double) inFlight * (atNanos - changedNanos);
        changedNanos = atNanos;
        inFlight += by;
    }

    /** Its last token was made before its end was heard of, and not before its first. */
    private static void checkTimes(SimOutcome outcome, long atNanos) {
        for (SequenceTimeline timeline : outcome.timelines()) {
            long stayNanos = atNanos - outcome.request().arrivalNanos();
            if (timeline.ttftNanos() < 0 || timeline.e2eNanos() > stayNanos) {
                throw new IllegalStateException("tokens after the end: " + outcome.request());
            }
        }
    }
}
