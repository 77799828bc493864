package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.parts.OutputLengths;
import io.hfx.scheduler.slo.Slo;

/**
 * How long a step may take for a sequence that decodes. By mean TPOT only the sum of its steps
 * counts, so that what fast steps saved can be spent on a long one, and part of what the tokens
 * still expected will save can be spent before. Formulas ours.
 */
final class Pace {
    /** Tokens that are taken to come at least before an objective is given up. */
    private static final int LEAST_HOPE = 8;

    /** Quantile of the lengths seen that is almost sure to come, and one that is likely to. */
    private static final double SURE = 0.25;

    private static final double LIKELY = 0.5;

    private final HfxSettings settings;
    private final OutputLengths lengths;

    Pace(HfxSettings settings, OutputLengths lengths) {
        this.settings = settings;
        this.lengths = lengths;
    }

    /**
     * Time until the next token must be there for the mean TPOT so far to hold, by the planned
     * TPOT; below 0 for one that is behind.
     */
    long leadNanos(SequenceView s, long nowNanos) {
        double kept = Math.min((1 - settings.margin()) * s.generated(), settings.reserve());
        long dueNanos = (long) ((s.generated() - kept) * s.slo().tpotNanos());
        return dueNanos - (nowNanos - s.firstTokenNanos());
    }

    /**
     * Longest next step with which a sequence keeps its objectives without borrowing.
     *
     * @param decodesNanos a step of decodes alone
     * @return at least {@code decodesNanos}; {@link Slo#NONE} where it has no objective for its
     *     decodes, or has lost it
     */
    long allowedNanos(SequenceView s, long nowNanos, long decodesNanos) {
        return allowedNanos(s, nowNanos, decodesNanos, 0);
    }

    /** The same when time of tokens to come is spent ahead. */
    long stretchedNanos(SequenceView s, long nowNanos, long decodesNanos) {
        return allowedNanos(s, nowNanos, decodesNanos, sureTokens(s));
    }

    private long allowedNanos(SequenceView s, long nowNanos, long decodesNanos, double ahead) {
        long allowed = Slo.NONE;
        if (s.slo().hasTpot() && !isLost(s, nowNanos, decodesNanos)) {
            long savedNanos = Math.max(0, settings.planned(s.slo().tpotNanos()) - decodesNanos);
            allowed = leadNanos(s, nowNanos) + (long) (ahead * savedNanos);
        }
        if (s.slo().hasE2e()) {
            long leftNanos = s.arrivalNanos() + s.slo().e2eNanos() - nowNanos;
            long eachNanos = (long) (settings.margin() * leftNanos) / likelyTokens(s);
            allowed = Math.min(allowed, eachNanos < decodesNanos ? Slo.NONE : eachNanos);
        }
        return allowed == Slo.NONE ? Slo.NONE : Math.max(decodesNanos, allowed);
    }

    /** Whether its mean TPOT is missed even if all steps to come are decodes alone. */
    boolean isLost(SequenceView s, long nowNanos, long decodesNanos) {
        int hoped = Math.max(likelyTokens(s), Math.max(LEAST_HOPE, s.generated() / 4));
        int tokens = Math.min(s.remainingTokens(), hoped);
        long atBestNanos = nowNanos - s.firstTokenNanos() + tokens * decodesNanos;
        return atBestNanos > (s.generated() - 1L + tokens) * s.slo().tpotNanos();
    }

    /** Tokens beyond the next one on which one may count. */
    private double sureTokens(SequenceView s) {
        int expected = s.request().expectedTokens();
        if (expected > 0) {
            return Math.max(0, settings.borrow() * (expected - s.generated() - 1));
        }
        int sure = lengths.remaining(s.request().sloClass().name(), s.generated(), SURE);
        return Math.max(0, settings.borrow() * (sure - 1));
    }

    /** Tokens still to come, as far as anybody knows: predicted, seen, or allowed; at least 1. */
    private int likelyTokens(SequenceView s) {
        int expected = s.request().expectedTokens();
        int likely =
                expected > 0
                        ? expected - s.generated()
                        : lengths.remaining(s.request().sloClass().name(), s.generated(), LIKELY);
        boolean unknown = expected == 0 && likely == 0;
        return Math.max(1, unknown ? s.remainingTokens() : likely);
    }
}
