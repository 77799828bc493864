package io.hfx.engine.jinja.value;

/** A value cannot do what is asked of it; the template adds the line. */
public class EvaluationException extends RuntimeException {
    public EvaluationException(String message) {
        super(message, null, false, false);
    }
}
