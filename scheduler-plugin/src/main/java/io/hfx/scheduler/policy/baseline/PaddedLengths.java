package io.hfx.scheduler.policy.baseline;

import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.parts.OutputLengths;

/**
 * CacheOPT's output lengths: predictions, padded by Hoeffding's bound on the errors that were seen
 * (the range of the errors times sqrt(-ln(1 - confidence) / 2), as in the paper), and where nobody
 * predicts the quantile of the lengths that were seen.
 */
final class PaddedLengths {
    private static final int KEPT = 128;

    /** Fewer errors say nothing of their range. */
    private static final int LEAST = 8;

    private static final double NANOS_PER_SECOND = 1e9;

    /** Over about this time the rate of arrivals is seen. */
    private static final double RATE_NANOS = 10e9;

    private final double confidence;
    private final double rateEffectSeconds;
    private final OutputLengths lengths = new OutputLengths();
    private final int[] errors = new int[KEPT];
    private long count;
    private double arrivals;
    private long lastArrivalNanos = Long.MIN_VALUE;

    PaddedLengths(double confidence, double rateEffectSeconds) {
        this.confidence = confidence;
        this.rateEffectSeconds = rateEffectSeconds;
    }

    /** A request came to the worker. */
    void arrived(long nowNanos) {
        if (lastArrivalNanos != Long.MIN_VALUE) {
            arrivals *= Math.exp(-(nowNanos - lastArrivalNanos) / RATE_NANOS);
        }
        arrivals++;
        lastArrivalNanos = nowNanos;
    }

    void ended(SequenceView s) {
        lengths.ended(s.request().sloClass().name(), s.generated());
        if (s.request().expectedTokens() > 0) {
            errors[(int) (count++ % KEPT)] = s.generated() - s.request().expectedTokens();
        }
    }

    /** Output tokens still to come of a sequence, at least 1. */
    int remaining(SequenceView s) {
        int most = Math.max(1, s.remainingTokens());
        double sure =
                confidence / (1 + rateEffectSeconds * arrivals / (RATE_NANOS / NANOS_PER_SECOND));
        String sloClass = s.request().sloClass().name();
        int expected = s.request().expectedTokens();
        if (expected == 0 && lengths.remaining(sloClass, 0, sure) == 0) {
            return most;
        }
        int left =
                expected > 0
                        ? expected + padding(sure) - s.generated()
                        : lengths.remaining(sloClass, s.generated(), sure);
        // one that became longer than all that was expected goes on for a while
        return Math.min(most, left > 0 ? left : Math.max(1, s.generated() / 4));
    }

    /** Of a prediction; below 0 where predictions are too long on the whole. */
    private int padding(double sure) {
        int size = (int) Math.min(count, KEPT);
        if (size < LEAST) {
            return 0;
        }
        int least = Integer.MAX_VALUE;
        int longest = Integer.MIN_VALUE;
        long sum = 0;
        for (int i = 0; i < size; i++) {
            least = Math.min(least, errors[i]);
            longest = Math.max(longest, errors[i]);
            sum += errors[i];
        }
        double bound = (longest - least) * Math.sqrt(-Math.log(1 - sure) / 2);
        return (int) Math.round(sum < 0 ? -bound : bound);
    }
}
