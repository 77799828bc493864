package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.None;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Signature;
import io.hfx.engine.jinja.value.Value;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The methods of dicts, lists and tuples that change nothing. */
final class CollectionMethods {
    private CollectionMethods() {}

    static @Nullable Value find(Dict dict, String name) {
        return switch (name) {
            case "items" -> plain(name, view(Sequence.Kind.ITEMS, dict.items()));
            case "keys" -> plain(name, view(Sequence.Kind.KEYS, dict.iterate()));
            case "values" ->
                    plain(name, view(Sequence.Kind.VALUES, List.copyOf(dict.entries().values())));
            case "copy" -> plain(name, dict);
            case "get" -> method(name, "key default?", a -> get(dict, a));
            default -> null;
        };
    }

    private static Value get(Dict dict, Bound a) {
        Value value = dict.get(a.get(0));
        return value == null ? a.or(1, None.NONE) : value;
    }

    private static Sequence view(Sequence.Kind kind, List<Value> items) {
        return new Sequence(kind, items);
    }

    static @Nullable Value find(Sequence sequence, String name) {
        if (!sequence.kind().isIndexed()) {
            return null;
        }
        return switch (name) {
            case "count" ->
                    method(
                            name,
                            "value",
                            a -> Int.of(Collections.frequency(sequence.items(), a.get(0))));
            case "index" -> method(name, "value", a -> index(sequence, a.get(0)));
            case "copy" -> sequence.kind() == Sequence.Kind.LIST ? plain(name, sequence) : null;
            default -> null;
        };
    }

    private static Value index(Sequence sequence, Value value) {
        int index = sequence.items().indexOf(value);
        if (index < 0) {
            throw new EvaluationException(value.repr() + " is not in " + sequence.type());
        }
        return Int.of(index);
    }

    private static Function plain(String name, Value result) {
        return method(name, "", a -> result);
    }

    private interface Body {
        Value call(Bound arguments);
    }

    private static Function method(String name, String parameters, Body body) {
        Signature signature = Signature.of(name, parameters);
        return new Function(arguments -> body.call(signature.bind(arguments)));
    }
}
