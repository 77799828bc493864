package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;

/** When things are due. Formulas ours. */
final class Deadlines {
    /** A step as it typically is while a request decodes: for end-to-end deadlines. */
    private static final int TYPICAL_DECODES = 8;

    private static final int TYPICAL_CONTEXT = 512;
    private static final int TYPICAL_CHUNK = 64;

    /** Prefill tokens of a step that also decodes. */
    private static final int TYPICAL_STEP_TOKENS = 128;

    private Deadlines() {}

    /**
     * When the first token of a request must be there for all its objectives: the TTFT deadline, or
     * the end-to-end one less the time of {@code maxTokens} typical steps, whichever is earlier.
     * {@link Slo#NONE} where neither is stated: a TPOT objective alone never makes a request late.
     */
    static long firstTokenNanos(RequestSpec request, long arrivalNanos, LatencyModel latency) {
        Slo slo = request.sloClass().slo();
        long due = slo.hasTtft() ? arrivalNanos + slo.ttftNanos() : Slo.NONE;
        if (slo.hasE2e()) {
            long decodeNanos = (request.maxTokens() - 1) * typicalStepNanos(latency);
            due = Math.min(due, arrivalNanos + slo.e2eNanos() - decodeNanos);
        }
        return due;
    }

    /**
     * Time to prefill {@code tokens} beside what decodes: each of its steps carries the decodes
     * too.
     *
     * @param decodes the decodes alone, maybe none
     */
    static long prefillNanos(LatencyModel latency, int start, int tokens, StepShape decodes) {
        return latency.prefillNanos(start, tokens) + steps(tokens) * latency.stepNanos(decodes);
    }

    /** Steps that prefill {@code tokens} beside decodes. */
    static long steps(int tokens) {
        return ((long) tokens + TYPICAL_STEP_TOKENS - 1) / TYPICAL_STEP_TOKENS;
    }

    private static long typicalStepNanos(LatencyModel latency) {
        StepShape shape =
                new StepShape(0, 0, 0, TYPICAL_DECODES, (long) TYPICAL_DECODES * TYPICAL_CONTEXT);
        return latency.stepNanos(shape.plusChunk(0, TYPICAL_CHUNK));
    }

    /**
     * How long the next step may take for one decoding sequence to keep its mean TPOT.
     *
     * @param sinceFirstNanos since its first token
     * @param generated its tokens so far, at least 1
     * @param remaining tokens still to come, at least 1
     * @param tpotNanos its objective
     * @param fastestNanos a step of decodes alone
     * @return {@link Slo#NONE} where the objective is lost already
     */
    static long allowedStepNanos(
            long sinceFirstNanos, int generated, int remaining, long tpotNanos, long fastestNanos) {
        long bankNanos = generated * tpotNanos - sinceFirstNanos;
        if (bankNanos < tpotNanos) {
            long atBestNanos = sinceFirstNanos + remaining * fastestNanos;
            boolean lost = atBestNanos > (generated - 1L + remaining) * tpotNanos;
            return lost ? Slo.NONE : Math.max(fastestNanos, Math.min(bankNanos, tpotNanos));
        }
        long spareNanos = (bankNanos - tpotNanos) / Math.min(remaining, 8);
        return Math.min(tpotNanos + spareNanos, 4 * tpotNanos);
    }
}
