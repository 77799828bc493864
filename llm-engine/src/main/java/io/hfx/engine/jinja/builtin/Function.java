package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Dynamic;
import io.hfx.engine.jinja.value.Value;

/**
 * A function that Java implements.
 *
 * @param body what it does
 */
record Function(Body body) implements Dynamic {
    /** What a function does with its arguments. */
    interface Body {
        Value call(Arguments arguments);
    }

    @Override
    public Value call(Arguments arguments) {
        return body.call(arguments);
    }

    @Override
    public boolean callable() {
        return true;
    }

    @Override
    public String type() {
        return "function";
    }
}
