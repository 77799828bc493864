package io.hfx.scheduler.policy.parts;

import io.hfx.scheduler.policy.SequenceView;
import io.hfx.scheduler.policy.Waiting;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;

/** When tokens are due, on the driver's clock; {@link Slo#NONE} for never. */
public final class Due {
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
                ? arrivalNanos + slo.e2eNanos() - (request.maxTokens() - 1) * tokenNanos
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
     * The TPOT that a request needs: the stated one; with an end-to-end objective alone, half of
     * that spread over its output (ours: the other half is for waiting and prefill).
     */
    public static long tpotNanos(RequestSpec request) {
        Slo slo = request.sloClass().slo();
        if (slo.hasTpot()) {
            return slo.tpotNanos();
        }
        return slo.hasE2e() ? Math.max(1, slo.e2eNanos() / 2 / request.maxTokens()) : Slo.NONE;
    }
}
