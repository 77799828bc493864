package io.hfx.scheduler.message;

import java.util.List;
import java.util.Map;

/**
 * What a worker's step policy lets the dispatcher's half know with a report, beyond its load: what
 * predicts when a prefill would be done there, and whom it served.
 *
 * @param stepNanos how long the step after the running one may take, its decodes included; {@link
 *     Long#MAX_VALUE} where nothing limits it
 * @param begun prefills in time that have begun and will not be complete when the running step is
 * @param outputTokens that each tenant got since the report before; empty where nobody counts
 * @param usualOutputs tokens beyond which few outputs of a class went lately, by the class's name;
 *     without those of which too few ended
 */
public record Outlook(
        long stepNanos,
        List<Begun> begun,
        Map<String, Long> outputTokens,
        Map<String, Integer> usualOutputs) {
    /** Nothing is known. */
    public static final Outlook NONE = new Outlook(Long.MAX_VALUE, List.of());

    public Outlook {
        begun = List.copyOf(begun);
        outputTokens = Map.copyOf(outputTokens);
        usualOutputs = Map.copyOf(usualOutputs);
    }

    /** The same with what each tenant got. */
    public Outlook withOutputTokens(Map<String, Long> tokens) {
        return new Outlook(stepNanos, begun, tokens, usualOutputs);
    }

    /** An outlook that tells of nobody's tokens and no outputs. */
    public Outlook(long stepNanos, List<Begun> begun) {
        this(stepNanos, begun, Map.of(), Map.of());
    }

    /**
     * A prefill after the running step.
     *
     * @param requestId whose
     * @param computed tokens in KV
     * @param left prompt tokens still to compute, at least 1
     */
    public record Begun(long requestId, int computed, int left) {}
}
