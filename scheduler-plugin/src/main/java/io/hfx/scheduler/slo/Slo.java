package io.hfx.scheduler.slo;

/**
 * The latency objectives of one request. An objective that is not stated is {@link #NONE}.
 *
 * @param ttftNanos time to first token: first token written minus request read, in nanoseconds
 * @param tpotNanos mean time per output token after the first, in nanoseconds
 * @param e2eNanos last token written minus request read, in nanoseconds
 */
public record Slo(long ttftNanos, long tpotNanos, long e2eNanos) {
    /** Value of an objective that is not stated. */
    public static final long NONE = Long.MAX_VALUE;

    /** No objective at all: best effort. */
    public static final Slo BEST_EFFORT = new Slo(NONE, NONE, NONE);

    public Slo {
        requirePositive("ttftNanos", ttftNanos);
        requirePositive("tpotNanos", tpotNanos);
        requirePositive("e2eNanos", e2eNanos);
    }

    public boolean hasTtft() {
        return ttftNanos != NONE;
    }

    public boolean hasTpot() {
        return tpotNanos != NONE;
    }

    public boolean hasE2e() {
        return e2eNanos != NONE;
    }

    /** Whether no objective is stated: such a request is served from the best-effort share. */
    public boolean isBestEffort() {
        return !hasTtft() && !hasTpot() && !hasE2e();
    }

    private static void requirePositive(String field, long nanos) {
        if (nanos <= 0) {
            throw new IllegalArgumentException(field + " must be above 0, was " + nanos);
        }
    }
}
