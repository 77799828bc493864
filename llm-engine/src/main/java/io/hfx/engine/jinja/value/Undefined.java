package io.hfx.engine.jinja.value;

import java.util.List;

/**
 * What a name or attribute that is not there gives: it prints as nothing, is empty and false;
 * anything else is refused with its message.
 *
 * @param message says what is not there
 */
public record Undefined(String message) implements Value {
    /** The refusal of an operation on this value. */
    public EvaluationException refuse() {
        return new EvaluationException(message);
    }

    @Override
    public boolean truthy() {
        return false;
    }

    @Override
    public String text() {
        return "";
    }

    @Override
    public String repr() {
        return "Undefined";
    }

    @Override
    public String type() {
        return "Undefined";
    }

    @Override
    public List<Value> iterate() {
        return List.of();
    }

    @Override
    public int length() {
        return 0;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Undefined;
    }

    @Override
    public int hashCode() {
        return 0;
    }
}
