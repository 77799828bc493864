package io.hfx.engine.jinja.value;

import org.jspecify.annotations.Nullable;

/** Arguments put to the parameters of a {@link Signature}. */
public final class Bound {
    private final Signature signature;
    private final @Nullable Value[] values;
    private final Budget budget;

    Bound(Signature signature, @Nullable Value[] values, Budget budget) {
        this.signature = signature;
        this.values = values;
        this.budget = budget;
    }

    public Budget budget() {
        return budget;
    }

    /** The value of a parameter, or null where it was not given. */
    public @Nullable Value find(int index) {
        return values[index];
    }

    /** Whether a parameter was given, and not as {@code none}. */
    public boolean has(int index) {
        return values[index] != null && values[index] != None.NONE;
    }

    /** The value of a required parameter. */
    public Value get(int index) {
        return or(index, None.NONE);
    }

    public Value or(int index, Value fallback) {
        Value value = values[index];
        return value == null ? fallback : value;
    }

    public boolean flag(int index, boolean fallback) {
        Value value = values[index];
        return value == null ? fallback : value.truthy();
    }

    /** A text; anything but a text is refused. */
    public String string(int index, String fallback) {
        Value value = values[index];
        if (value == null) {
            return fallback;
        }
        if (value instanceof Str s) {
            return s.chars();
        }
        throw refuse(index, value, "a string");
    }

    /** An integer; {@code none} counts as not given. */
    public int integer(int index, int fallback) {
        Value value = values[index];
        if (value == null || value == None.NONE) {
            return fallback;
        }
        if (value instanceof Num n && n.isIntegral()) {
            return Slices.clamp(n.toInteger());
        }
        throw refuse(index, value, "an integer");
    }

    private EvaluationException refuse(int index, Value value, String allowed) {
        if (value instanceof Undefined undefined) {
            return undefined.refuse();
        }
        return new EvaluationException(
                signature.name()
                        + "(): the argument "
                        + signature.parameters().get(index)
                        + " must be "
                        + allowed
                        + ", was "
                        + value.type());
    }
}
