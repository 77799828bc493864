package io.hfx.scheduler.latency;

/**
 * How far predictions were from the steps that followed, of late: each prediction as it was before
 * the model learnt from that step, and a step counts 2 % less with each that comes after it.
 *
 * @param steps measured so far; 0 where nothing is known
 * @param mape mean of |predicted - measured| / measured; a step counts at most 2
 * @param bias mean of (predicted - measured) / measured, as bounded: above 0 where steps are
 *     predicted too long
 */
public record FitError(long steps, double mape, double bias) {
    /** Nothing was measured yet. */
    public static final FitError NONE = new FitError(0, 0, 0);

    private static final double KEEP = 0.98;
    private static final double MOST = 2;

    /** With one step more. */
    FitError plus(double predictedNanos, double measuredNanos) {
        double off = Math.min((predictedNanos - measuredNanos) / measuredNanos, MOST);
        double share = (1 - KEEP) / (1 - Math.pow(KEEP, steps + 1.0));
        return new FitError(
                steps + 1, mape + share * (Math.abs(off) - mape), bias + share * (off - bias));
    }
}
