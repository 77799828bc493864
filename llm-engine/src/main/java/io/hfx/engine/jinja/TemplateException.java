package io.hfx.engine.jinja;

/** A template cannot be parsed, or failed while it was rendered. The message names the line. */
public final class TemplateException extends RuntimeException {
    private final int line;

    TemplateException(int line, String message) {
        super("line " + line + ": " + message);
        this.line = line;
    }

    /** Line of the template at fault, from 1. */
    public int line() {
        return line;
    }
}
