package io.hfx.engine.jinja;

import io.hfx.engine.jinja.value.Budget;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The names that a place of a template sees. What is set inside a loop, macro or block ends with
 * it. One rendering, one thread.
 */
final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, Value> functions;
    private final Budget budget;
    private final Map<String, Value> names;

    private Scope(
            @Nullable Scope outer,
            Map<String, Value> names,
            Map<String, Value> functions,
            Budget budget) {
        this.outer = outer;
        this.names = names;
        this.functions = functions;
        this.budget = budget;
    }

    static Scope root(Map<String, Value> variables, Map<String, Value> functions, Budget budget) {
        return new Scope(null, new HashMap<>(variables), functions, budget);
    }

    Scope inner() {
        return new Scope(this, new HashMap<>(), functions, budget);
    }

    Value get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Value value = scope.names.get(name);
            if (value != null) {
                return value;
            }
        }
        Value function = functions.get(name);
        return function == null ? new Undefined("'" + name + "' is undefined") : function;
    }

    void set(String name, Value value) {
        names.put(name, value);
    }

    Budget budget() {
        return budget;
    }
}
