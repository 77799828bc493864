package io.hfx.scheduler.message;

import java.util.List;

/**
 * What a worker's step policy lets the dispatcher's half know with a report, beyond its load: by
 * this one predicts when a prefill would be done there.
 *
 * @param stepNanos how long the step after the running one may take, its decodes included; {@link
 *     Long#MAX_VALUE} where nothing limits it
 * @param begun prefills in time that have begun and will not be complete when the running step is
 */
public record Outlook(long stepNanos, List<Begun> begun) {
    /** Nothing is known. */
    public static final Outlook NONE = new Outlook(Long.MAX_VALUE, List.of());

    public Outlook {
        begun = List.copyOf(begun);
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
