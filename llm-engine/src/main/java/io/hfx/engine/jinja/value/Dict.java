package io.hfx.engine.jinja.value;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A dict, which keeps the order of its keys.
 *
 * @param entries its entries, never changed
 */
public record Dict(Map<Value, Value> entries) implements Value {
    public Dict {
        entries = Collections.unmodifiableMap(entries);
    }

    /** A dict of named values. */
    public static Dict of(Map<String, Value> named) {
        Map<Value, Value> entries = new LinkedHashMap<>();
        named.forEach((name, value) -> entries.put(new Str(name), value));
        return new Dict(entries);
    }

    /**
     * The value of a key, or null.
     *
     * @throws EvaluationException if the key is a list or dict
     */
    public @Nullable Value get(Value key) {
        return entries.get(key(key));
    }

    /**
     * Checks a key.
     *
     * @throws EvaluationException if it can change, as a list or dict may
     */
    public static Value key(Value key) {
        if (key instanceof Dict || (key instanceof Sequence s && s.kind() == Sequence.Kind.LIST)) {
            throw new EvaluationException("unhashable type: '" + key.type() + "'");
        }
        return key;
    }

    /** The key and value pairs, as tuples. */
    public List<Value> items() {
        return entries.entrySet().stream()
                .<Value>map(each -> Sequence.tuple(each.getKey(), each.getValue()))
                .toList();
    }

    @Override
    public boolean truthy() {
        return !entries.isEmpty();
    }

    @Override
    public String text() {
        return entries.entrySet().stream()
                .map(each -> each.getKey().repr() + ": " + each.getValue().repr())
                .collect(Collectors.joining(", ", "{", "}"));
    }

    @Override
    public String type() {
        return "dict";
    }

    @Override
    public List<Value> iterate() {
        return List.copyOf(entries.keySet());
    }

    @Override
    public int length() {
        return entries.size();
    }
}
