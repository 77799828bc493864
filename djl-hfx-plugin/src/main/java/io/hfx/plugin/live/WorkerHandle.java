package io.hfx.plugin.live;

import io.hfx.plugin.service.ServiceStatus.WorkerStatus;
import java.util.concurrent.CompletionStage;

/** A worker that was added to a service, with those that take its place. Thread-safe. */
public interface WorkerHandle {
    /** Completes when it serves; fails if it could not be started, or was taken away before. */
    CompletionStage<Void> ready();

    /**
     * Lets it leave, without blocking: it gets no new work, gives back what it has not started, and
     * ends what runs. After the grace time what still runs goes on at another worker, with the
     * tokens that its client has; without another worker it ends here.
     *
     * @return completes when the worker's thread has ended and its KV is free
     */
    CompletionStage<Void> drain(long graceNanos);

    /** A snapshot. */
    WorkerStatus status();
}
