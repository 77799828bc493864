package io.hfx.scheduler.slo;

/**
 * A named kind of request: its objectives and what to do when they cannot be met.
 *
 * @param name as stated by clients and shown in metrics; not empty
 * @param slo the objectives
 * @param onMiss what happens to a request that cannot meet them
 * @param weight how much one met request of this class counts against others, above 0
 * @param tpotMode how its TPOT is meant, where a policy can tell the modes apart
 */
public record SloClass(String name, Slo slo, OnMiss onMiss, double weight, ScoringMode tpotMode) {
    /** The class of a request that states nothing, where the model names no default. */
    public static final SloClass BEST_EFFORT =
            new SloClass("best-effort", Slo.BEST_EFFORT, OnMiss.DEMOTE, 1);

    public SloClass {
        if (name.isBlank()) {
            throw new IllegalArgumentException("name must not be blank");
        }
        if (!(weight > 0) || Double.isInfinite(weight)) {
            throw new IllegalArgumentException("weight must be above 0, was " + weight);
        }
    }

    /** A class whose TPOT is meant in the mean. */
    public SloClass(String name, Slo slo, OnMiss onMiss, double weight) {
        this(name, slo, onMiss, weight, ScoringMode.MEAN);
    }

    /** The same class with other objectives, as when a request states its own. */
    public SloClass with(Slo other) {
        return new SloClass(name, other, onMiss, weight, tpotMode);
    }

    /** The same class with its TPOT meant so. */
    public SloClass with(ScoringMode mode) {
        return new SloClass(name, slo, onMiss, weight, mode);
    }
}
