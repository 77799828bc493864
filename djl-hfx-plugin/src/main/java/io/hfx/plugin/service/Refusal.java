package io.hfx.plugin.service;

/**
 * Why a request was not served.
 *
 * @param httpStatus 429 (queue full, objective out of reach) or 503 (its time ran out, or the
 *     server is stopping)
 * @param reason short and machine-readable, for the header {@code x-hfx-reason}, for example {@code
 *     queue-full}
 * @param message one sentence for people
 * @param retryAfterNanos when trying again makes sense, in nanoseconds; 0 where unknown
 */
public record Refusal(int httpStatus, String reason, String message, long retryAfterNanos) {}
