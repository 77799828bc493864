package io.hfx.simulator.scenario;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be compared.
 *
 * @param scenario on which; its schedule gives rates and times
 * @param data folder of traces, or null
 * @param entrants who; names are unique
 * @param seeds of the runs, at least one; policies are paired by them
 * @param sweeps properties to vary
 * @param sweepRate multiple of the reference capacity at which they are varied
 * @param bounds whether reference bounds are found
 */
public record StudyPlan(
        Scenario scenario,
        @Nullable Path data,
        List<Entrant> entrants,
        List<Long> seeds,
        List<Sweep> sweeps,
        double sweepRate,
        boolean bounds) {
    public StudyPlan {
        entrants = List.copyOf(entrants);
        seeds = List.copyOf(seeds);
        sweeps = List.copyOf(sweeps);
        Limits.number("--sweep-rate", sweepRate, 0.001, 1_000);
        long names = entrants.stream().map(Entrant::name).distinct().count();
        if (entrants.isEmpty() || names < entrants.size()) {
            throw new ScenarioException("name each policy once, and at least one");
        }
    }
}
