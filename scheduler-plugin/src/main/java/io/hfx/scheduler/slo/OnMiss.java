package io.hfx.scheduler.slo;

/** What happens to a request that can no longer meet its objective. */
public enum OnMiss {
    /** It loses its place and is served from what the others leave. */
    DEMOTE,
    /** It is refused (HTTP 429) while it has not started. */
    REJECT
}
