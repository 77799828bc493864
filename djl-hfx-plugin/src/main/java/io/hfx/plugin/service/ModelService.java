package io.hfx.plugin.service;

import org.jspecify.annotations.Nullable;

/** One served model. Thread-safe. */
public interface ModelService extends AutoCloseable {
    /**
     * Why nothing is served now, or null: the model loads, could not be loaded, lost its last
     * worker for good, or is closed.
     */
    @Nullable Refusal unavailable();

    /**
     * The served model.
     *
     * @throws IllegalStateException if it has not been loaded; then {@link #unavailable} says so
     */
    ServedModel model();

    /** Hands a request in; the listener hears the rest. Never blocks. */
    void submit(GenerationRequest request, GenerationListener listener);

    /** The client is gone: all sequences end and their KV is free within one step. */
    void cancel(long requestId);

    /**
     * One sequence is complete for the front (a stop string was found): it ends and the listener
     * hears {@code finished(STOP)}.
     */
    void stop(long requestId, int sequence);

    /** A snapshot for status pages and metrics. */
    ServiceStatus status();

    /** Ends every request with a refusal or failure, then the workers. */
    @Override
    void close();
}
