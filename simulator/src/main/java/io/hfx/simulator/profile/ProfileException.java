package io.hfx.simulator.profile;

/** A profile or a recording that cannot be read; the message names file and field. */
public final class ProfileException extends RuntimeException {
    public ProfileException(String message) {
        super(message);
    }
}
