package io.hfx.simulator.fidelity;

import io.hfx.simulator.scenario.Figures;
import io.hfx.simulator.scenario.Score;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Simulations of one live run, which differ in their seeds only. Their spread is what chance does
 * to a run: a live run is one draw of it.
 *
 * @param mean of every figure over the seeds
 * @param error of the mean against the live run
 * @param least error of any seed, for each figure by itself
 * @param most error of any seed
 */
public record Simulated(Score mean, Errors error, Errors least, Errors most) {

    static Simulated of(Score live, List<Score> scores) {
        List<Errors> errors = scores.stream().map(s -> Errors.of(live, s)).toList();
        Score mean = mean(scores);
        return new Simulated(
                mean, Errors.of(live, mean), Errors.least(errors), Errors.most(errors));
    }

    private static Score mean(List<Score> scores) {
        Score first = scores.get(0);
        return new Score(
                first.requests(),
                Math.round(mean(scores, Score::completed)),
                Math.round(mean(scores, Score::refused)),
                mean(scores, Score::attainment),
                mean(scores, Score::tailAttainment),
                mean(scores, Score::cumulativeAttainment),
                spread(scores, Score::ttftMillis),
                spread(scores, Score::tpotMillis),
                spread(scores, Score::itlMillis),
                spread(scores, Score::e2eMillis));
    }

    private static double mean(List<Score> scores, ToDoubleFunction<Score> figure) {
        return Figures.rounded(scores.stream().mapToDouble(figure).average().orElseThrow());
    }

    private static Score.Spread spread(List<Score> scores, Function<Score, Score.Spread> latency) {
        return new Score.Spread(
                mean(scores, s -> latency.apply(s).mean()),
                mean(scores, s -> latency.apply(s).p50()),
                mean(scores, s -> latency.apply(s).p90()),
                mean(scores, s -> latency.apply(s).p99()));
    }
}
