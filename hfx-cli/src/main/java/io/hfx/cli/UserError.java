package io.hfx.cli;

/** Something the user can put right: shown as one line on stderr, exit code 1. */
public final class UserError extends RuntimeException {
    public UserError(String message) {
        super(message);
    }
}
