package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Value;

/** {@code value is name(arguments)}. Stateless. */
public interface Test {
    /** Whether the value passes. */
    boolean passes(Value value, Arguments arguments);
}
