package io.hfx.scheduler.policy;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.SequenceKey;
import io.hfx.scheduler.slo.Slo;

/** What a step planner shows of a sequence. Valid during one call. */
public interface SequenceView {
    SequenceKey key();

    RequestSpec request();

    /** When its request was read, on the driver's clock. */
    long arrivalNanos();

    /** Whether it is served from what the others leave. */
    boolean demoted();

    /** Output tokens so far. */
    int generated();

    /** Tokens that need not be computed: those in KV, or those that a cache has. */
    int computed();

    /** Tokens in KV on the worker: less than {@link #computed()} until a cache's are copied. */
    default int tokensInKv() {
        return computed();
    }

    /** Positions to compute before the next token; 0 for one that decodes. */
    int remainingPrefill();

    /** When its first token was made, on the driver's clock; -1 before. */
    long firstTokenNanos();

    /** When its newest token was made, on the driver's clock; -1 before the first. */
    long lastTokenNanos();

    default Slo slo() {
        return request().sloClass().slo();
    }

    /** Whether it is served from what the others leave: demoted, or without any objective. */
    default boolean leftover() {
        return demoted() || slo().isBestEffort();
    }

    /** Output tokens still to come, at most. */
    default int remainingTokens() {
        return request().maxTokens() - generated();
    }
}
