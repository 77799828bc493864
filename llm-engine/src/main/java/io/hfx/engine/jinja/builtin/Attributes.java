package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.Dynamic;
import io.hfx.engine.jinja.value.None;
import io.hfx.engine.jinja.value.Num;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Slices;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What {@code value.name} and {@code value[key]} give. */
public final class Attributes {
    /** Methods that would change a list or dict, which the sandbox of transformers refuses. */
    private static final Set<String> CHANGES_LIST =
            Set.of("append", "clear", "pop", "reverse", "insert", "sort", "extend", "remove");

    private static final Set<String> CHANGES_DICT =
            Set.of("clear", "pop", "popitem", "setdefault", "update");

    private Attributes() {}

    /** {@code value.name}: the method of that name, else the entry. */
    public static Value attribute(Value value, String name) {
        Value method = method(value, name);
        if (method != null) {
            return method;
        }
        Value entry = value instanceof Dict dict ? dict.get(new Str(name)) : null;
        return entry == null ? missing(value, name) : entry;
    }

    /** {@code value[key]}: the entry of that key, else the method. */
    public static Value item(Value value, Value key) {
        if (value instanceof Undefined undefined) {
            throw undefined.refuse();
        }
        Value entry = entry(value, key);
        if (entry == null && key instanceof Str name) {
            entry = method(value, name.chars());
        }
        if (entry != null) {
            return entry;
        }
        return key instanceof Str name
                ? missing(value, name.chars())
                : new Undefined(shown(value) + " has no element " + key.repr());
    }

    /** The method alone, without entries. */
    static Value methodOnly(Value value, String name) {
        Value method = method(value, name);
        return method == null ? missing(value, name) : method;
    }

    private static @Nullable Value entry(Value value, Value key) {
        if (value instanceof Dict dict) {
            boolean list = key instanceof Dict || key instanceof Sequence;
            return list ? null : dict.get(key);
        }
        boolean indexed =
                value instanceof Str || (value instanceof Sequence s && s.kind().isIndexed());
        return indexed && key instanceof Num n && n.isIntegral()
                ? Slices.at(value, n.toInteger())
                : null;
    }

    private static @Nullable Value method(Value value, String name) {
        if (value instanceof Undefined undefined) {
            throw undefined.refuse();
        }
        if (name.startsWith("__")) {
            return unsafe(value, name);
        }
        if (value instanceof Str s) {
            return StrMethods.find(s, name);
        }
        if (value instanceof Dict dict) {
            if (CHANGES_DICT.contains(name)) {
                return unsafe(value, name);
            }
            return CollectionMethods.find(dict, name);
        }
        if (value instanceof Sequence sequence) {
            if (sequence.kind() == Sequence.Kind.LIST && CHANGES_LIST.contains(name)) {
                return unsafe(value, name);
            }
            return CollectionMethods.find(sequence, name);
        }
        return value instanceof Dynamic dynamic ? dynamic.attribute(name) : null;
    }

    private static Undefined unsafe(Value value, String name) {
        return new Undefined(
                "access to attribute '" + name + "' of '" + value.type() + "' object is unsafe");
    }

    private static Undefined missing(Value value, String name) {
        return new Undefined("'" + shown(value) + "' has no attribute '" + name + "'");
    }

    private static String shown(Value value) {
        return value == None.NONE ? "None" : value.type() + " object";
    }
}
