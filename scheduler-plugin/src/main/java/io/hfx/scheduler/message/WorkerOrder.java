package io.hfx.scheduler.message;

import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import java.util.List;

/** What a dispatcher tells a worker. Orders to one worker are numbered from 1 without gaps. */
public sealed interface WorkerOrder {
    long number();

    long requestId();

    /**
     * The same order after it lay unread: what it says of ages is older.
     *
     * @param nanos how long, 0 or more
     */
    default WorkerOrder aged(long nanos) {
        return this;
    }

    /**
     * Take this request. It can be taken back until its first chunk starts.
     *
     * @param ageNanos how long ago the request was read from its connection
     * @param demoted whether it is served from what the others leave
     * @param generated output tokens that each sequence already has, {@link Progress#ENDED} for
     *     those that need nothing more; empty for a request that is new
     */
    record Bind(
            long number,
            RequestSpec request,
            long ageNanos,
            boolean demoted,
            List<Integer> generated)
            implements WorkerOrder {
        public Bind {
            generated = List.copyOf(generated);
        }

        @Override
        public long requestId() {
            return request.id();
        }

        @Override
        public Bind aged(long nanos) {
            return new Bind(number, request, ageNanos + nanos, demoted, generated);
        }

        /** The same order where the worker can take this much of the prompts from a cache. */
        public Bind withCachedTokens(List<Integer> tokens) {
            return new Bind(number, request.withCachedTokens(tokens), ageNanos, demoted, generated);
        }
    }

    /** Give this request back if it has not started; otherwise go on with it. */
    record Recall(long number, long requestId) implements WorkerOrder {}

    /** This request lost its place: it is served from what the others leave from now on. */
    record Demote(long number, long requestId) implements WorkerOrder {}

    /** Give this request back at the next step boundary, started or not, with what it has. */
    record HandBack(long number, long requestId) implements WorkerOrder {}

    /**
     * Stop this request at the next step boundary and keep its KV: it is to move. If it cannot be
     * stopped, because one of its sequences does not decode, it goes on.
     */
    record Pause(long number, long requestId) implements WorkerOrder {}

    /** The paused request goes on here. */
    record Resume(long number, long requestId) implements WorkerOrder {}

    /** The paused request goes on elsewhere: free its KV. */
    record Discard(long number, long requestId) implements WorkerOrder {}

    /**
     * Take over this request, which another worker has paused, with its KV: fetch it and go on, or
     * hand the request back.
     *
     * @param ageNanos how long ago the request was read from its connection
     * @param demoted whether it is served from what the others leave
     * @param state what it was when it was paused
     * @param from who holds the KV
     */
    record Import(
            long number,
            RequestSpec request,
            long ageNanos,
            boolean demoted,
            Paused state,
            WorkerId from)
            implements WorkerOrder {
        @Override
        public long requestId() {
            return request.id();
        }

        @Override
        public Import aged(long nanos) {
            return new Import(number, request, ageNanos + nanos, demoted, state.aged(nanos), from);
        }
    }

    /** Drop this request. */
    record Cancel(long number, long requestId) implements WorkerOrder {}
}
