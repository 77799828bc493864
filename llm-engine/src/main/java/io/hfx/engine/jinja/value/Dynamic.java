package io.hfx.engine.jinja.value;

import org.jspecify.annotations.Nullable;

/** An object of the template language itself: a function, a macro, a namespace, the loop. */
public non-sealed interface Dynamic extends Value {
    /** An attribute, or null where it has none of that name. */
    default @Nullable Value attribute(String name) {
        return null;
    }

    /**
     * Calls it.
     *
     * @throws EvaluationException if it is no function
     */
    default Value call(Arguments arguments) {
        throw new EvaluationException("'" + type() + "' object is not callable");
    }

    /** Whether it is a function. */
    default boolean callable() {
        return false;
    }

    @Override
    default boolean truthy() {
        return true;
    }

    @Override
    default String text() {
        throw new EvaluationException("a " + type() + " cannot be printed");
    }
}
