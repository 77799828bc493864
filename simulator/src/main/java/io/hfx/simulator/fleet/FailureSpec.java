package io.hfx.simulator.fleet;

/**
 * How workers fail: each after an exponential time, to be replaced by a fresh one of its kind.
 *
 * @param meanNanosToFailure of one worker, above 0
 * @param replacementNanos from the loss until the new one is ready, at least 0
 */
public record FailureSpec(long meanNanosToFailure, long replacementNanos) {
    public FailureSpec {
        if (meanNanosToFailure <= 0 || replacementNanos < 0) {
            throw new IllegalArgumentException(
                    "meanNanosToFailure must be above 0 and replacementNanos at least 0, were "
                            + meanNanosToFailure
                            + " and "
                            + replacementNanos);
        }
    }
}
