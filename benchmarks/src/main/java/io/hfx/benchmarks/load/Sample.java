package io.hfx.benchmarks.load;

import org.jspecify.annotations.Nullable;

/**
 * One request of an open loop and its end. Times are nanoseconds from the start of the run.
 *
 * @param due when it was to be sent
 * @param sentNanos when it was
 * @param endNanos when its answer was complete, or its connection broke
 * @param response null if there was none
 * @param failure why there was none: {@link #UNANSWERED}, or what broke; null with a response
 */
public record Sample(
        Due due,
        long sentNanos,
        long endNanos,
        @Nullable Response response,
        @Nullable String failure) {
    /** The run ended before its answer. */
    public static final String UNANSWERED = "unanswered";

    /** From the time when it was to be sent, so that a client that is late makes it longer. */
    public long latencyNanos() {
        return endNanos - due.atNanos();
    }

    public boolean isCompleted() {
        return response != null && response.status() == 200;
    }

    /** Why it was not completed: {@code x-hfx-reason}, else the status, else what failed. */
    public String reason() {
        if (response == null) {
            return String.valueOf(failure);
        }
        String reason = response.header("x-hfx-reason");
        return reason == null ? "status " + response.status() : reason;
    }
}
