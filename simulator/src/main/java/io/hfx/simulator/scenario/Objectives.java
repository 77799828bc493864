package io.hfx.simulator.scenario;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.traffic.SloSets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What requests ask for.
 *
 * @param set name of an SLO set; adaserve and slos-serve take times from the profile
 * @param classes own classes in its place, or null
 * @param scale factor on every objective, 0.01 to 100
 * @param tpotMode how the TPOT of all classes is meant; null for as each says
 */
public record Objectives(
        String set, @Nullable List<Own> classes, double scale, @Nullable ScoringMode tpotMode) {
    private static final String ADA_SERVE = "adaserve";
    private static final String SLOS_SERVE_TIGHT = "slos-serve-tight";
    private static final String SLOS_SERVE_LOOSE = "slos-serve-loose";
    private static final long TYPICAL_CONTEXT = 1_000;

    public Objectives {
        Limits.given("slo.set", set);
        Limits.number("slo.scale", scale, 0.01, 100);
    }

    /** Names of all sets. */
    public static List<String> sets() {
        List<String> names = new ArrayList<>(SloSets.names());
        names.addAll(List.of(ADA_SERVE, SLOS_SERVE_TIGHT, SLOS_SERVE_LOOSE));
        return names;
    }

    /**
     * A class of one's own. Objectives in milliseconds; null for none.
     *
     * @param onMiss demote or reject; null for demote
     * @param weight above 0; null for 1
     * @param tpotMode null for the mean
     */
    public record Own(
            String name,
            @Nullable Double ttftMillis,
            @Nullable Double tpotMillis,
            @Nullable Double e2eMillis,
            @Nullable OnMiss onMiss,
            @Nullable Double weight,
            @Nullable ScoringMode tpotMode) {
        public Own {
            Limits.given("slo.classes.name", name);
        }

        /** The same objectives in the form of a file. */
        public static Own of(SloClass c) {
            return new Own(
                    c.name(),
                    millis(c.slo().ttftNanos()),
                    millis(c.slo().tpotNanos()),
                    millis(c.slo().e2eNanos()),
                    c.onMiss(),
                    c.weight(),
                    c.tpotMode() == ScoringMode.MEAN ? null : c.tpotMode());
        }

        private static @Nullable Double millis(long nanos) {
            return nanos == Slo.NONE ? null : nanos / 1e6;
        }

        /** The class that it stands for. */
        public SloClass sloClass() {
            try {
                return new SloClass(
                        name,
                        new Slo(nanos(ttftMillis), nanos(tpotMillis), nanos(e2eMillis)),
                        onMiss == null ? OnMiss.DEMOTE : onMiss,
                        weight == null ? 1 : weight,
                        tpotMode == null ? ScoringMode.MEAN : tpotMode);
            } catch (IllegalArgumentException e) {
                throw new ScenarioException("slo.classes: " + e.getMessage());
            }
        }

        private static long nanos(@Nullable Double millis) {
            return millis == null ? Slo.NONE : Math.round(millis * 1e6);
        }
    }

    /**
     * The classes by their names, scaled.
     *
     * @param typicalPrompts tokens of the median prompt of each class; asked where a set needs them
     */
    Map<String, SloClass> resolve(Profile profile, Supplier<Map<String, Integer>> typicalPrompts) {
        Map<String, SloClass> scaled = new LinkedHashMap<>();
        unscaled(profile, typicalPrompts)
                .forEach((name, c) -> scaled.put(name, meant(c.with(scaled(c.slo())))));
        return scaled;
    }

    private SloClass meant(SloClass c) {
        return tpotMode == null ? c : c.with(tpotMode);
    }

    private Map<String, SloClass> unscaled(
            Profile profile, Supplier<Map<String, Integer>> typicalPrompts) {
        if (classes != null) {
            Map<String, SloClass> own = new LinkedHashMap<>();
            for (Own o : classes) {
                if (own.put(o.name(), o.sloClass()) != null) {
                    throw new ScenarioException("slo.classes holds two of the name " + o.name());
                }
            }
            return own;
        }
        if (!sets().contains(set)) {
            throw new ScenarioException("slo.set must be one of " + sets() + ", was " + set);
        }
        LatencyModel model = profile.timing().model();
        return switch (set) {
            case ADA_SERVE ->
                    SloSets.adaServe(model.stepNanos(new StepShape(0, 0, 0, 1, TYPICAL_CONTEXT)));
            case SLOS_SERVE_TIGHT, SLOS_SERVE_LOOSE -> {
                Map<String, Long> prefillNanos = new LinkedHashMap<>();
                typicalPrompts
                        .get()
                        .forEach(
                                (name, tokens) ->
                                        prefillNanos.put(
                                                name,
                                                model.stepNanos(
                                                        StepShape.EMPTY.plusChunk(0, tokens))));
                yield SloSets.slosServe(set.equals(SLOS_SERVE_TIGHT), prefillNanos);
            }
            default -> SloSets.named(set);
        };
    }

    private Slo scaled(Slo slo) {
        return new Slo(scaled(slo.ttftNanos()), scaled(slo.tpotNanos()), scaled(slo.e2eNanos()));
    }

    private long scaled(long nanos) {
        return nanos == Slo.NONE ? Slo.NONE : Math.max(1, Math.round(nanos * scale));
    }
}
