package io.hfx.scheduler.policy.hfx;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.Map;

/** When things are due. Formulas ours. */
final class Deadlines {
    /** A step as it typically is while a request decodes: for end-to-end deadlines. */
    private static final int TYPICAL_DECODES = 8;

    private static final int TYPICAL_CONTEXT = 512;
    private static final int TYPICAL_CHUNK = 64;

    private Deadlines() {}

    /**
     * When the first token of a request must be there for all its objectives: the TTFT deadline, or
     * the end-to-end one less the time of the planned output in typical steps, whichever is
     * earlier. {@link Slo#NONE} where neither is stated: a TPOT objective alone never makes a
     * request late.
     *
     * @param usualOutputs of classes, where nobody predicts; see {@link
     *     io.hfx.scheduler.message.Outlook}
     */
    static long firstTokenNanos(
            RequestSpec request,
            long arrivalNanos,
            LatencyModel latency,
            Map<String, Integer> usualOutputs) {
        Slo slo = request.sloClass().slo();
        int tokens = outputTokens(request, usualOutputs);
        return firstTokenNanos(slo, arrivalNanos, tokens, typicalStepNanos(latency));
    }

    /**
     * The same.
     *
     * @param outputTokens as planned
     * @param stepNanos a typical step
     */
    static long firstTokenNanos(Slo slo, long arrivalNanos, int outputTokens, long stepNanos) {
        long due = slo.hasTtft() ? arrivalNanos + slo.ttftNanos() : Slo.NONE;
        return slo.hasE2e()
                ? Math.min(due, arrivalNanos + slo.e2eNanos() - (outputTokens - 1) * stepNanos)
                : due;
    }

    /** Output tokens as predicted, else as usual in its class, else as allowed. */
    static int outputTokens(RequestSpec request, Map<String, Integer> usualOutputs) {
        return outputTokens(
                request.sloClass(), request.expectedTokens(), request.maxTokens(), usualOutputs);
    }

    /** The same of a request of a class; 0 expected tokens where nobody predicts. */
    static int outputTokens(
            SloClass sloClass,
            int expectedTokens,
            int maxTokens,
            Map<String, Integer> usualOutputs) {
        if (expectedTokens > 0) {
            return expectedTokens;
        }
        Integer usual = usualOutputs.get(sloClass.name());
        return usual == null ? maxTokens : Math.min(usual, maxTokens);
    }

    /**
     * Least time to prefill {@code tokens} beside what decodes.
     *
     * @param decodes the decodes alone, maybe none
     */
    static long prefillNanos(LatencyModel latency, int tokens, StepShape decodes) {
        return latency.prefillNanos(0, tokens) + latency.stepNanos(decodes);
    }

    /** Time of a step as it typically is while a request decodes. */
    static long typicalStepNanos(LatencyModel latency) {
        StepShape shape =
                new StepShape(0, 0, 0, TYPICAL_DECODES, (long) TYPICAL_DECODES * TYPICAL_CONTEXT);
        return latency.stepNanos(shape.plusChunk(0, TYPICAL_CHUNK));
    }
}
