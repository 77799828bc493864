package io.hfx.engine.checkpoint;

/**
 * A checkpoint that cannot be used: a file, field or tensor is missing, broken or not supported.
 * The message names it, what was found and what is allowed.
 */
public final class CheckpointException extends RuntimeException {
    public CheckpointException(String message) {
        super(message);
    }

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }
}
