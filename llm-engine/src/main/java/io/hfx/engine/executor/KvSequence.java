package io.hfx.engine.executor;

/** The KV cache of one sequence. Closing gives the KV back; a second close has no effect. */
public interface KvSequence extends AutoCloseable {
    /** Committed tokens: raised when a step completes, never by an aborted one. */
    int length();

    @Override
    void close();
}
