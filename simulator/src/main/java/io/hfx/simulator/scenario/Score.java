package io.hfx.simulator.scenario;

import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.simulator.score.Sketch;
import io.hfx.simulator.score.Tally;

/**
 * How requests fared. Latencies are those of completed ones.
 *
 * @param requests that arrived and are scored
 * @param completed of these
 * @param refused of these
 * @param attainment share that met every objective, by mean TPOT
 * @param tailAttainment the same by the 99th percentile of token gaps
 * @param cumulativeAttainment the same by a deadline for each token
 * @param ttftMillis quantiles
 * @param tpotMillis quantiles of mean TPOT over requests
 * @param itlMillis quantiles over token gaps
 * @param e2eMillis quantiles
 */
public record Score(
        long requests,
        long completed,
        long refused,
        double attainment,
        double tailAttainment,
        double cumulativeAttainment,
        Spread ttftMillis,
        Spread tpotMillis,
        Spread itlMillis,
        Spread e2eMillis) {

    /** Mean and quantiles in milliseconds. */
    public record Spread(double mean, double p50, double p90, double p99) {
        static Spread of(Sketch sketch) {
            return new Spread(
                    millis(sketch.meanNanos()),
                    millis(sketch.quantileNanos(0.5)),
                    millis(sketch.quantileNanos(0.9)),
                    millis(sketch.quantileNanos(0.99)));
        }

        private static double millis(double nanos) {
            return Figures.rounded(nanos / 1e6);
        }
    }

    /** The figures of a tally. */
    public static Score of(Tally tally) {
        return new Score(
                tally.requests(),
                tally.completed(),
                tally.refused(),
                Figures.rounded(tally.attainment(ScoringMode.MEAN)),
                Figures.rounded(tally.attainment(ScoringMode.TAIL)),
                Figures.rounded(tally.attainment(ScoringMode.CUMULATIVE)),
                Spread.of(tally.ttft()),
                Spread.of(tally.tpot()),
                Spread.of(tally.itl()),
                Spread.of(tally.e2e()));
    }
}
