package io.hfx.scheduler.message;

import io.hfx.scheduler.request.WorkerId;

/** What a dispatcher wants done, in this order. */
public sealed interface FleetCommand {
    /** A numbered order for one worker. */
    record Send(WorkerId worker, WorkerOrder order) implements FleetCommand {}

    /**
     * The request will not be served. Nothing of it was, unless the reason is {@link
     * RefusalReason#NO_WORKER}.
     *
     * @param retryAfterNanos when trying again makes sense; 0 where unknown
     */
    record Refuse(long requestId, RefusalReason reason, long retryAfterNanos)
            implements FleetCommand {}

    /** All sequences of the request have ended; the dispatcher has forgotten it. */
    record Forget(long requestId) implements FleetCommand {}

    /** A draining worker has nothing left: it can end. The dispatcher has forgotten it. */
    record Retire(WorkerId worker) implements FleetCommand {}

    /**
     * Call again with {@link FleetEvent.Woken} after this time, if nothing else came before. A
     * later one takes the place of an earlier.
     */
    record Wake(long afterNanos) implements FleetCommand {}
}
