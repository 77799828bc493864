package io.hfx.simulator.score;

import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.simulator.fleet.SimOutcome;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Scores outcomes as they come, in memory that does not grow with them. What arrives in the warm-up
 * is left out. Requests without objective count in their class and not in {@link #overall}.
 */
public final class Scoreboard implements Consumer<SimOutcome> {
    private final long warmUpNanos;
    private final Tally overall = new Tally();
    private final Map<String, Tally> classes = new TreeMap<>();
    private final Set<String> withObjective = new TreeSet<>();

    public Scoreboard(long warmUpNanos) {
        this.warmUpNanos = warmUpNanos;
    }

    @Override
    public void accept(SimOutcome outcome) {
        if (outcome.request().arrivalNanos() < warmUpNanos) {
            return;
        }
        var sloClass = outcome.request().spec().sloClass();
        classes.computeIfAbsent(sloClass.name(), name -> new Tally()).add(outcome);
        if (!sloClass.slo().isBestEffort()) {
            overall.add(outcome);
            withObjective.add(sloClass.name());
        }
    }

    /** All requests that state an objective. */
    public Tally overall() {
        return overall;
    }

    /** By name of the SLO class, in order of names. */
    public Map<String, Tally> classes() {
        return Collections.unmodifiableMap(classes);
    }

    /** Attainment of the class with objectives that fares worst; 0 where there is none. */
    public double minClassAttainment(ScoringMode mode) {
        return classes.entrySet().stream()
                .filter(e -> withObjective.contains(e.getKey()))
                .mapToDouble(e -> e.getValue().attainment(mode))
                .min()
                .orElse(0);
    }
}
