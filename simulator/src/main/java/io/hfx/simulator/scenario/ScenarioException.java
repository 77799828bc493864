package io.hfx.simulator.scenario;

/** A scenario that cannot be read or run; the message names what, and what is allowed. */
public final class ScenarioException extends RuntimeException {
    public ScenarioException(String message) {
        super(message);
    }
}
