package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;

/** When tokens are due, on the driver's clock; {@link Slo#NONE} for never. */
public final class Due {
    /** A decode step of a common model on a common device; only where just the end is due. */
    private static final long TYPICAL_TPOT_NANOS = 50_000_000;

    private Due() {}

    /**
     * When the first token is due: at the TTFT deadline, or, where none is stated, at the
     * end-to-end one less the time of the output.
     *
     * @param tokenNanos time of one output token
     */
    public static long firstTokenNanos(RequestSpec request, long arrivalNanos, long tokenNanos) {
        Slo slo = request.sloClass().slo();
        if (slo.hasTtft()) {
            return arrivalNanos + slo.ttftNanos();
        }
        return slo.hasE2e()
                ? arrivalNanos + slo.e2eNanos() - (request.plannedTokens() - 1) * tokenNanos
                : Slo.NONE;
    }

    /** The same for a request in the central queue. */
    public static long firstTokenNanos(Waiting w, long tokenNanos) {
        return firstTokenNanos(w.request(), w.arrivalNanos(), tokenNanos);
    }

    /** The same for a sequence on a worker. */
    public static long firstTokenNanos(SequenceView s, long tokenNanos) {
        return firstTokenNanos(s.request(), s.arrivalNanos(), tokenNanos);
    }

    /** The same where the output comes at the TPOT that the request is planned with. */
    public static long firstTokenNanos(Waiting w) {
        return firstTokenNanos(w, outputTokenNanos(w.request()));
    }

    /** The same for a sequence on a worker. */
    public static long firstTokenNanos(SequenceView s) {
        return firstTokenNanos(s, outputTokenNanos(s.request()));
    }

    private static long outputTokenNanos(RequestSpec request) {
        long tpotNanos = tpotNanos(request);
        return tpotNanos == Slo.NONE ? 0 : tpotNanos;
    }

    /**
     * When the next token of a decoding sequence is due for its TPOT objective: one TPOT a token
     * after the first.
     *
     * @param bankTtft whether the time left when the first token came early may be spent on the
     *     later ones, as cumulative scoring allows and mean TPOT does not
     */
    public static long nextTokenNanos(SequenceView s, boolean bankTtft) {
        Slo slo = s.slo();
        if (!slo.hasTpot()) {
            return Slo.NONE;
        }
        long first = s.firstTokenNanos();
        if (bankTtft && slo.hasTtft()) {
            first = Math.max(first, s.arrivalNanos() + slo.ttftNanos());
        }
        return first + s.generated() * slo.tpotNanos();
    }

    /**
     * The TPOT to plan a request with: the stated one; with an end-to-end objective alone, half of
     * that spread over its output (the other half is for waiting and prefill), or what a typical
     * step takes if that is more. Ours.
     */
    public static long tpotNanos(RequestSpec request) {
        Slo slo = request.sloClass().slo();
        if (slo.hasTpot()) {
            return slo.tpotNanos();
        }
        if (!slo.hasE2e()) {
            return Slo.NONE;
        }
        long mostNanos = slo.e2eNanos() / 10 * 9 / request.plannedTokens();
        long halfNanos = slo.e2eNanos() / 2 / request.plannedTokens();
        return Math.max(1, Math.max(halfNanos, Math.min(mostNanos, TYPICAL_TPOT_NANOS)));
    }

    /**
     * The TPOT that a decoding sequence needs from now on: the stated one; with an end-to-end
     * objective alone, half of the time left spread over the tokens left. {@link Slo#NONE} for
     * those served from what is left, and where the end-to-end deadline has passed. Ours.
     */
    public static long paceNanos(SequenceView s, long nowNanos) {
        if (s.leftover()) {
            return Slo.NONE;
        }
        if (s.slo().hasTpot() || !s.slo().hasE2e()) {
            return s.slo().tpotNanos();
        }
        long leftNanos = s.arrivalNanos() + s.slo().e2eNanos() - nowNanos;
        return leftNanos <= 0
                ? Slo.NONE
                : Math.max(
                        1,
                        leftNanos / 2 / Math.max(1, s.request().plannedTokens() - s.generated()));
    }

    /**
     * When the next token of a decoding sequence is due for its pace: one TPOT a token after the
     * first, or one {@link #paceNanos} from now where only the end is due.
     *
     * @param looseNanos pace of those without one
     */
    public static long nextAtPaceNanos(SequenceView s, long nowNanos, long looseNanos) {
        if (!s.leftover() && s.slo().hasTpot()) {
            return nextTokenNanos(s, false);
        }
        long paceNanos = paceNanos(s, nowNanos);
        if (paceNanos != Slo.NONE) {
            return nowNanos + paceNanos;
        }
        return looseNanos == Slo.NONE ? Slo.NONE : s.firstTokenNanos() + s.generated() * looseNanos;
    }
}
