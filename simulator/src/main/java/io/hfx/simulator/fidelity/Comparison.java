package io.hfx.simulator.fidelity;

import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.scenario.Figures;
import io.hfx.simulator.scenario.Score;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A live run beside its simulations.
 *
 * @param policy that scheduled
 * @param load offered, as a share of the capacity
 * @param tokensPerSecond that the live server made
 * @param serverMillis live means by the server's own metrics; see {@link LiveRun}
 * @param live as the clients saw it
 * @param simulated with step times of the profile, with several seeds
 * @param replayed with the step times of the run, once; null where they were not recorded
 */
public record Comparison(
        String policy,
        double load,
        double perSecond,
        double seconds,
        double tokensPerSecond,
        Map<String, Double> serverMillis,
        Score live,
        Simulated simulated,
        @Nullable Simulated replayed) {

    /**
     * Simulates a recorded run.
     *
     * @param steps recorded during it; may be empty
     */
    public static Comparison of(Twin twin, LiveRun run, List<StepRecord> steps) {
        Score live = run.score(twin.classes());
        return new Comparison(
                run.policy(),
                run.load(),
                Figures.rounded(run.perSecond()),
                run.seconds(),
                Figures.rounded(run.tokensPerSecond()),
                rounded(run.serverMillis()),
                live,
                Simulated.of(live, twin.simulate(run)),
                steps.isEmpty() ? null : Simulated.of(live, List.of(twin.replay(run, steps))));
    }

    private static Map<String, Double> rounded(Map<String, Double> millis) {
        Map<String, Double> rounded = new TreeMap<>();
        millis.forEach((name, value) -> rounded.put(name, Figures.rounded(value)));
        return rounded;
    }
}
