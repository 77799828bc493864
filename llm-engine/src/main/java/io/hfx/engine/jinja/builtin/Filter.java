package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Value;

/** {@code value | name(arguments)}. Stateless. */
public interface Filter {
    /** Applies it. */
    Value apply(Value value, Arguments arguments);
}
