package io.hfx.simulator.scenario;

import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.simulator.fleet.RunTotals;
import io.hfx.simulator.score.Scoreboard;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One policy, one rate, one seed. Single-threaded and deterministic. Requests, step noise and the
 * scheduler's errors follow from the seed alone, so that runs of two policies are paired.
 *
 * @param setup the scenario
 * @param entrant who schedules
 * @param rate multiple of the reference capacity
 * @param perSecond requests offered, above 0
 * @param seed of all that is random
 */
public record Run(Setup setup, Entrant entrant, double rate, double perSecond, long seed) {

    /**
     * Runs it.
     *
     * @throws IllegalStateException if a check of the simulator fails
     */
    public RunResult result() {
        return result(null);
    }

    /**
     * Runs it, and tells what is decided, which changes nothing of the result.
     *
     * @throws IllegalStateException if a check of the simulator fails
     */
    public RunResult result(Decision.@Nullable Listener decisions) {
        Scenario.Schedule schedule = setup.scenario().run();
        Scoreboard board = new Scoreboard(Math.round(schedule.warmUpSeconds() * 1e9));
        RunTotals totals =
                setup.fleet(entrant, setup.scenario().fleet().queueLimit(), seed, decisions)
                        .run(setup.requests(perSecond, schedule.seconds(), seed), board);
        Map<String, Score> classes = new LinkedHashMap<>();
        board.classes().forEach((name, tally) -> classes.put(name, Score.of(tally)));
        double scoredSeconds = schedule.seconds() - schedule.warmUpSeconds();
        return new RunResult(
                entrant.name(),
                rate,
                Figures.rounded(perSecond),
                seed,
                Score.of(board.overall()),
                classes,
                Figures.rounded(board.minClassAttainment(ScoringMode.MEAN)),
                Figures.rounded(board.overall().met(ScoringMode.MEAN) / scoredSeconds),
                Figures.rounded((double) totals.busyNanos() / Math.max(1, totals.workerNanos())),
                Figures.rounded(totals.modelMape()),
                Figures.rounded(totals.modelBias()),
                Figures.rounded(totals.cachedShare()),
                totals.steps(),
                totals.arrived());
    }
}
