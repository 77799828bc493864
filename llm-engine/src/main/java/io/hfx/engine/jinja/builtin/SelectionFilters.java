package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Stream;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Filters that choose elements or map them. Each gives a generator, as in Jinja2. */
final class SelectionFilters {
    private SelectionFilters() {}

    static void addTo(Map<String, Filter> all) {
        all.put("map", SelectionFilters::map);
        all.put("select", (value, a) -> choose("select", value, a, 0, true));
        all.put("reject", (value, a) -> choose("reject", value, a, 0, false));
        all.put("selectattr", (value, a) -> choose("selectattr", value, a, 1, true));
        all.put("rejectattr", (value, a) -> choose("rejectattr", value, a, 1, false));
    }

    private static Value map(Value value, Arguments a) {
        UnaryOperator<Value> mapping;
        if (a.positional().isEmpty()) {
            Value path = a.named().get("attribute");
            if (path == null || !Set.of("attribute", "default").containsAll(a.named().keySet())) {
                throw new EvaluationException("map() needs the name of a filter or an attribute");
            }
            Value otherwise = a.named().get("default");
            mapping =
                    item -> {
                        Value found = DataFilters.path(item, path);
                        return found instanceof Undefined && otherwise != null ? otherwise : found;
                    };
        } else {
            Filter filter = Filters.named(a.positional().get(0).text());
            Arguments rest = rest(a, 1);
            mapping = item -> filter.apply(item, rest);
        }
        return new Stream(items(value, a).stream().map(mapping).toList());
    }

    /** What is empty or none has no elements. */
    private static List<Value> items(Value value, Arguments a) {
        List<Value> items = value.truthy() ? value.iterate() : List.of();
        a.budget().steps(items.size());
        return items;
    }

    private static Arguments rest(Arguments a, int from) {
        return new Arguments(
                a.positional().subList(from, a.positional().size()), a.named(), a.budget());
    }

    /** With {@code attributes} 1 the first argument is the path of what is tested. */
    private static Value choose(
            String name, Value value, Arguments a, int attributes, boolean keep) {
        if (a.positional().size() < attributes) {
            throw new EvaluationException(name + "() needs the name of an attribute");
        }
        UnaryOperator<Value> tested =
                attributes == 0
                        ? item -> item
                        : item -> DataFilters.path(item, a.positional().get(0));
        Predicate<Value> test = Value::truthy;
        if (a.positional().size() > attributes) {
            Test named = Tests.named(a.positional().get(attributes).text());
            Arguments rest = rest(a, attributes + 1);
            test = item -> named.passes(item, rest);
        }
        Predicate<Value> chosen = test;
        return new Stream(
                items(value, a).stream()
                        .filter(item -> chosen.test(tested.apply(item)) == keep)
                        .toList());
    }
}
