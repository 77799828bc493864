package io.hfx.plugin.trace;

import io.hfx.scheduler.explain.Decision;
import io.hfx.scheduler.slo.SloScore;

/**
 * Something that the scheduler decided about a request, or that became of it. Nothing in here comes
 * from a request's body or a model's answer.
 */
public sealed interface TraceEvent {
    /** Nanoseconds on the clock of its {@link RequestTrace}. */
    long atNanos();

    /**
     * It goes to the central queue.
     *
     * @param ahead requests that waited there before it, of all classes
     */
    record Queued(long atNanos, int ahead) implements TraceEvent {}

    /** The scheduler decided something. */
    record Decided(Decision decision) implements TraceEvent {
        @Override
        public long atNanos() {
            return decision.atNanos();
        }
    }

    /**
     * Its worker began a batch of whole requests with it.
     *
     * @param requests in the batch
     * @param predictedNanos how long the batch was expected to take
     */
    record Batched(long atNanos, String worker, int requests, long predictedNanos)
            implements TraceEvent {}

    /**
     * KV of its prompts was taken from the prefix cache.
     *
     * @param tokens so far, of all prompts
     */
    record Restored(long atNanos, int tokens) implements TraceEvent {}

    /** Its first token was written. */
    record FirstToken(long atNanos) implements TraceEvent {}

    /** It was answered in full. */
    record Finished(long atNanos, SloScore score) implements TraceEvent {}

    /**
     * It was not served.
     *
     * @param reason as in {@code x-hfx-reason}
     */
    record Refused(long atNanos, String reason) implements TraceEvent {}

    /**
     * It could not be completed.
     *
     * @param why a status code or the kind of an error, never its text
     */
    record Failed(long atNanos, String why) implements TraceEvent {}

    /** Its client went away. */
    record Aborted(long atNanos) implements TraceEvent {}
}
