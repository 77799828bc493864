package io.hfx.plugin.trace;

import io.hfx.scheduler.slo.SloScore;

/**
 * Something that was decided about a request, or became of it. Nothing in here comes from a
 * request's body or a model's answer.
 */
public sealed interface Decision {
    /** Nanoseconds on the clock of its {@link RequestTrace}. */
    long atNanos();

    /**
     * It waits in the central queue.
     *
     * @param ahead requests that waited there before it, of all classes
     */
    record Queued(long atNanos, int ahead) implements Decision {}

    /**
     * It left the central queue for a worker.
     *
     * @param demoted whether it can no longer meet its objectives and gets what the others leave
     */
    record Bound(long atNanos, String worker, boolean demoted) implements Decision {}

    /**
     * Its worker began a batch of whole requests with it.
     *
     * @param requests in the batch
     * @param predictedNanos how long the batch was expected to take
     */
    record Batched(long atNanos, String worker, int requests, long predictedNanos)
            implements Decision {}

    /** Its worker began its first prefill chunk. */
    record Started(long atNanos, String worker) implements Decision {}

    /**
     * KV of its prompts was taken from the prefix cache.
     *
     * @param tokens so far, of all prompts
     */
    record Restored(long atNanos, int tokens) implements Decision {}

    /**
     * It waits in the central queue again.
     *
     * @param why short and machine-readable: {@code handed-back} or {@code worker-lost}
     */
    record Returned(long atNanos, String worker, String why) implements Decision {}

    /** Its first token was written. */
    record FirstToken(long atNanos) implements Decision {}

    /** It was answered in full. */
    record Finished(long atNanos, SloScore score) implements Decision {}

    /**
     * It was not served.
     *
     * @param reason as in {@code x-hfx-reason}
     */
    record Refused(long atNanos, String reason) implements Decision {}

    /**
     * It could not be completed.
     *
     * @param why a status code or the kind of an error, never its text
     */
    record Failed(long atNanos, String why) implements Decision {}

    /** Its client went away. */
    record Aborted(long atNanos) implements Decision {}
}
