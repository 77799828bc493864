package io.hfx.engine.jinja.value;

/** The template itself refused its input, by {@code raise_exception}; the message is its own. */
public final class RaisedException extends EvaluationException {
    public RaisedException(String message) {
        super(message);
    }
}
