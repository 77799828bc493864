package io.hfx.engine.executor;

/**
 * The runtime below an executor failed. The message says what was run; the step it belongs to is
 * lost and changed no sequence.
 */
public final class ExecutorException extends RuntimeException {
    public ExecutorException(String message, Throwable cause) {
        super(message, cause);
    }
}
