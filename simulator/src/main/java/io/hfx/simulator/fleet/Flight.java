package io.hfx.simulator.fleet;

import io.hfx.scheduler.message.Progress;
import io.hfx.scheduler.message.RefusalReason;
import io.hfx.scheduler.slo.SequenceTimeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of one request from its arrival to its end; checks that every token comes once. */
final class Flight {
    private final SimRequest request;
    private final long[][] tokenNanos;
    private final int[] tokens;
    private final boolean[] complete;
    private boolean cancelled;
    private boolean over;

    Flight(SimRequest request) {
        this.request = request;
        int sequences = request.spec().sequences();
        this.complete = new boolean[sequences];
        this.tokens = new int[sequences];
        this.tokenNanos = new long[sequences][Math.min(64, request.outputTokens())];
    }

    SimRequest request() {
        return request;
    }

    /**
     * A token was made.
     *
     * @return whether the model ends the sequence with it
     */
    boolean token(int sequence, long atNanos) {
        if (complete[sequence] || over) {
            throw new IllegalStateException("token after the end: " + request);
        }
        int n = tokens[sequence]++;
        if (n >= request.outputTokens()) {
            throw new IllegalStateException("more tokens than the model makes: " + request);
        }
        if (n == tokenNanos[sequence].length) {
            int length = Math.min(2 * n, request.outputTokens());
            tokenNanos[sequence] = Arrays.copyOf(tokenNanos[sequence], length);
        }
        tokenNanos[sequence][n] = atNanos - request.arrivalNanos();
        return n + 1 == request.outputTokens();
    }

    /** The worker has ended the sequence as the model wants. */
    void complete(int sequence) {
        if (complete[sequence]) {
            throw new IllegalStateException("sequence ends twice: " + request);
        }
        complete[sequence] = true;
    }

    void cancel() {
        cancelled = true;
    }

    boolean cancelled() {
        return cancelled;
    }

    boolean hasTokens(int sequence) {
        return tokens[sequence] > 0;
    }

    /** Tokens of a sequence, prompt and output. */
    int length(int sequence) {
        return request.spec().promptTokens(sequence) + tokens[sequence];
    }

    boolean hasTokens() {
        return tokens() > 0;
    }

    long tokens() {
        return Arrays.stream(tokens).asLongStream().sum();
    }

    /** What its clients have. */
    Progress progress() {
        List<Integer> progress = new ArrayList<>();
        for (int i = 0; i < complete.length; i++) {
            progress.add(complete[i] ? Progress.ENDED : tokens[i]);
        }
        return new Progress(request.spec().id(), progress);
    }

    /** Nothing of it was served. */
    SimOutcome refused(RefusalReason reason) {
        if (over || hasTokens()) {
            throw new IllegalStateException("refused after it began: " + request);
        }
        return end(reason);
    }

    /** All its sequences have ended. */
    SimOutcome ended() {
        return end(null);
    }

    private SimOutcome end(@Nullable RefusalReason refused) {
        over = true;
        List<SequenceTimeline> timelines = new ArrayList<>();
        for (int i = 0; i < complete.length && refused == null && !cancelled; i++) {
            if (tokens[i] != request.outputTokens()) {
                throw new IllegalStateException(
                        "sequence " + i + " has " + tokens[i] + " tokens: " + request);
            }
            timelines.add(new SequenceTimeline(tokenNanos[i]));
        }
        return new SimOutcome(request, timelines, refused, cancelled);
    }
}
