package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.parts.OutputLengths;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;

/**
 * How long a step may take for a sequence that decodes. By mean TPOT only the sum of its steps
 * counts, so that what fast steps saved can be spent on a long one, and part of what the tokens
 * still expected will save can be spent before. By cumulative deadlines what was saved can be
 * spent, a first token before its time included, and nothing before it is saved; where every gap
 * counts, nothing is saved. Formulas ours.
 */
final class Pace {
    /** Tokens that are taken to come at least before an objective is given up. */
    private static final int LEAST_HOPE = 8;

    /** Quantile of the lengths seen that is almost sure to come, and one that is likely to. */
    private static final double SURE = 0.25;

    private static final double LIKELY = 0.5;

    /** Share that is spent of what an early first token saved, where each token has a deadline. */
    private static final double HEAD_START = 0.5;

    private final HfxSettings settings;
    private final OutputLengths lengths;

    Pace(HfxSettings settings, OutputLengths lengths) {
        this.settings = settings;
        this.lengths = lengths;
    }

    /**
     * Time until the next token must be there for the TPOT to hold, as its class means it and by
     * the planned TPOT; below 0 for one that is behind.
     */
    long leadNanos(SequenceView s, long nowNanos) {
        long dueNanos =
                mode(s) == ScoringMode.TAIL
                        ? s.lastTokenNanos() + settings.planned(s.slo().tpotNanos())
                        : s.firstTokenNanos() + headStartNanos(s) + plannedNanos(s);
        return dueNanos - nowNanos;
    }

    /**
     * Longest next step, as planned, after which its next token is not late, where one late token
     * loses the objective; {@link Slo#NONE} where later ones can make up for it.
     */
    long latestNanos(SequenceView s, long nowNanos) {
        if (!s.slo().hasTpot() || mode(s) == ScoringMode.MEAN) {
            return Slo.NONE;
        }
        long plannedNanos = settings.planned(s.slo().tpotNanos());
        return mode(s) == ScoringMode.TAIL
                ? s.lastTokenNanos() + plannedNanos - nowNanos
                : leftNanos(s, nowNanos) - s.slo().tpotNanos() + plannedNanos;
    }

    /** Time until its next token is late, where each has a deadline. */
    private static long leftNanos(SequenceView s, long nowNanos) {
        return startNanos(s) + s.generated() * s.slo().tpotNanos() - nowNanos;
    }

    private static ScoringMode mode(SequenceView s) {
        return s.request().sloClass().tpotMode();
    }

    /** What of the time before the deadline of its first token is planned with. */
    private static long headStartNanos(SequenceView s) {
        boolean counts = mode(s) == ScoringMode.CUMULATIVE;
        return counts ? (long) (HEAD_START * (startNanos(s) - s.firstTokenNanos())) : 0;
    }

    /** From when on the TPOT of tokens that have a deadline each counts. */
    private static long startNanos(SequenceView s) {
        return s.slo().hasTtft() ? s.arrivalNanos() + s.slo().ttftNanos() : s.firstTokenNanos();
    }

    /** What the tokens after the first and the next one may take together. */
    private long plannedNanos(SequenceView s) {
        double kept = Math.min((1 - settings.margin()) * s.generated(), settings.reserve());
        return (long) ((s.generated() - kept) * s.slo().tpotNanos());
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
            double lent = mode(s) == ScoringMode.MEAN ? ahead * savedNanos : 0;
            allowed = leadNanos(s, nowNanos) + (long) lent;
        }
        if (s.slo().hasE2e()) {
            long leftNanos = s.arrivalNanos() + s.slo().e2eNanos() - nowNanos;
            long eachNanos = (long) (settings.margin() * leftNanos) / likelyTokens(s);
            allowed = Math.min(allowed, eachNanos < decodesNanos ? Slo.NONE : eachNanos);
        }
        return allowed == Slo.NONE ? Slo.NONE : Math.max(decodesNanos, allowed);
    }

    /**
     * Whether its TPOT is missed even if all steps to come are decodes alone: the mean, or, where
     * each token has a deadline, the next one's. Single long gaps are no reason to give it up.
     */
    boolean isLost(SequenceView s, long nowNanos, long decodesNanos) {
        if (mode(s) == ScoringMode.CUMULATIVE) {
            return decodesNanos > leftNanos(s, nowNanos);
        }
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
