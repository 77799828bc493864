package io.hfx.engine.jinja.value;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A list, tuple, range, or the keys, values or items of a dict.
 *
 * @param kind which of them
 * @param items its elements, never changed
 */
public record Sequence(Kind kind, List<Value> items) implements Value {
    /** Python's types that hold elements in order. */
    public enum Kind {
        LIST("list", "[", "]"),
        TUPLE("tuple", "(", ")"),
        RANGE("range", "", ""),
        KEYS("dict_keys", "dict_keys([", "])"),
        VALUES("dict_values", "dict_values([", "])"),
        ITEMS("dict_items", "dict_items([", "])");

        private final String type;
        private final String open;
        private final String close;

        Kind(String type, String open, String close) {
            this.type = type;
            this.open = open;
            this.close = close;
        }

        /** Whether it is a list or tuple. */
        public boolean isPlain() {
            return this == LIST || this == TUPLE;
        }

        /** Whether elements can be taken by their place. */
        public boolean isIndexed() {
            return isPlain() || this == RANGE;
        }
    }

    /** A list. */
    public static Sequence list(List<Value> items) {
        return new Sequence(Kind.LIST, items);
    }

    /** A tuple. */
    public static Sequence tuple(Value... items) {
        return new Sequence(Kind.TUPLE, List.of(items));
    }

    @Override
    public boolean truthy() {
        return !items.isEmpty();
    }

    @Override
    public String text() {
        if (kind == Kind.RANGE) {
            throw new EvaluationException("a range cannot be printed; make it a list first");
        }
        String inner = items.stream().map(Value::repr).collect(Collectors.joining(", "));
        String one = kind == Kind.TUPLE && items.size() == 1 ? "," : "";
        return kind.open + inner + one + kind.close;
    }

    @Override
    public String type() {
        return kind.type;
    }

    @Override
    public List<Value> iterate() {
        return items;
    }

    @Override
    public int length() {
        return items.size();
    }
}
