package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Signature;
import io.hfx.engine.jinja.value.Value;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All filters by name. */
public final class Filters {
    private static final Map<String, Filter> ALL = all();

    private Filters() {}

    /** What a filter with fixed parameters does. */
    interface Body {
        Value apply(Value value, Bound arguments);
    }

    /** A filter or null. */
    public static @Nullable Filter find(String name) {
        return ALL.get(name);
    }

    static Filter named(String name) {
        Filter filter = find(name);
        if (filter == null) {
            throw new EvaluationException("no filter named '" + name + "'");
        }
        return filter;
    }

    private static Map<String, Filter> all() {
        Map<String, Filter> all = new HashMap<>();
        TextFilters.addTo(all);
        NumberFilters.addTo(all);
        SequenceFilters.addTo(all);
        SelectionFilters.addTo(all);
        DataFilters.addTo(all);
        return Map.copyOf(all);
    }

    /** Adds a filter whose parameters are those of a {@link Signature}. */
    static void define(Map<String, Filter> all, String name, String parameters, Body body) {
        Signature signature = Signature.of(name, parameters);
        all.put(name, (value, arguments) -> body.apply(value, signature.bind(arguments)));
    }
}
