package io.hfx.plugin.service;

import io.hfx.plugin.trace.TraceEvent;

/**
 * Hears what becomes of one request. Calls come from the service's threads, never two at a time for
 * one request, and must not block. Each sequence ends with one {@code finished}; or the whole
 * request ends with one {@code refused} (before any token) or one {@code failed}. Nothing follows
 * after the end, nor after {@link ModelService#cancel}, though a call may cross it.
 */
public interface GenerationListener {
    /** The next token of a sequence; the one that {@linkplain Token#ends ends} it is its last. */
    void token(int sequence, Token token);

    /**
     * So many tokens of the request's prompts, in all, were taken from the prefix cache. Before the
     * first token; may come again with more.
     */
    default void cached(int tokens) {}

    /** The sequence is complete. */
    void finished(int sequence, FinishReason reason);

    /** The request will not be served; nothing of it was. */
    void refused(Refusal refusal);

    /** The request cannot be completed. */
    void failed(String message);

    /**
     * Something was decided about the request: times are those of {@link System#nanoTime()}. Unlike
     * the other calls it may come together with another.
     */
    default void decided(TraceEvent event) {}

    /** Why a sequence ended. */
    enum FinishReason {
        /** A token that {@linkplain Token#ends ends} the sequence, or {@link ModelService#stop}. */
        STOP,
        /** {@link GenerationRequest#maxTokens()} reached. */
        LENGTH
    }
}
