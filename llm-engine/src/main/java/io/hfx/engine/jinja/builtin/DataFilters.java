package io.hfx.engine.jinja.builtin;

import static io.hfx.engine.jinja.builtin.Filters.define;

import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.Compare;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.Json;
import io.hfx.engine.jinja.value.Num;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Stream;
import io.hfx.engine.jinja.value.Texts;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters on dicts and on data as such. */
final class DataFilters {
    private static final int MAX_INDENT = 64;

    private DataFilters() {}

    static void addTo(Map<String, Filter> all) {
        define(all, "tojson", "ensure_ascii? indent? separators? sort_keys?", DataFilters::json);
        for (String name : List.of("default", "d")) {
            define(all, name, "default_value? boolean?", DataFilters::otherwise);
        }
        define(all, "items", "", (value, a) -> items(value));
        define(all, "dictsort", "case_sensitive? by? reverse?", DataFilters::sorted);
        define(all, "attr", "name", (value, a) -> Attributes.methodOnly(value, a.string(0, "")));
    }

    private static Value otherwise(Value value, Bound a) {
        boolean replaced = value instanceof Undefined || (a.flag(1, false) && !value.truthy());
        return replaced ? a.or(0, Str.EMPTY) : value;
    }

    private static Value items(Value value) {
        if (value instanceof Undefined) {
            return new Stream(List.of());
        }
        if (value instanceof Dict dict) {
            return new Stream(dict.items());
        }
        throw new EvaluationException("Can only get item pairs from a mapping.");
    }

    /** As transformers sets it up: not escaped for HTML, in the order of the keys. */
    private static Value json(Value value, Bound a) {
        String indent = indent(a);
        String itemSeparator = indent == null ? ", " : ",";
        String keySeparator = ": ";
        if (a.has(2)) {
            List<Value> separators = a.get(2).iterate();
            if (separators.size() != 2) {
                throw new EvaluationException("tojson(): the argument separators must be a pair");
            }
            itemSeparator = separators.get(0).text();
            keySeparator = separators.get(1).text();
        }
        Json json =
                new Json(a.flag(0, false), indent, itemSeparator, keySeparator, a.flag(3, false));
        String text = json.write(value);
        a.budget().chars(text.length());
        return new Str(text);
    }

    private static @Nullable String indent(Bound a) {
        if (!a.has(1)) {
            return null;
        }
        if (a.find(1) instanceof Str s) {
            return s.chars();
        }
        int width = a.integer(1, 0);
        if (width > MAX_INDENT) {
            throw new EvaluationException(
                    "tojson(): the argument indent may be at most " + MAX_INDENT);
        }
        return " ".repeat(Math.max(0, width));
    }

    private static Value sorted(Value value, Bound a) {
        if (!(value instanceof Dict dict)) {
            throw value instanceof Undefined undefined
                    ? undefined.refuse()
                    : new EvaluationException("dictsort needs a dict, was given " + value.type());
        }
        String by = a.string(1, "key");
        if (!by.equals("key") && !by.equals("value")) {
            throw new EvaluationException("You can only sort by either \"key\" or \"value\"");
        }
        int place = by.equals("key") ? 0 : 1;
        boolean caseSensitive = a.flag(0, false);
        Comparator<Value> order =
                Comparator.comparing(
                        pair -> folded(pair.iterate().get(place), caseSensitive), Compare.ORDER);
        List<Value> pairs = new ArrayList<>(dict.items());
        a.budget().steps(pairs.size());
        pairs.sort(a.flag(2, false) ? order.reversed() : order);
        return Sequence.list(pairs);
    }

    /** The key that a sort compares: texts in lower case, unless case matters. */
    static Value folded(Value value, boolean caseSensitive) {
        return value instanceof Str s && !caseSensitive ? new Str(Texts.lower(s.chars())) : value;
    }

    /** The element of a path such as {@code function.name} or {@code 0}. */
    static Value path(Value value, Value path) {
        if (path instanceof Num) {
            return Attributes.item(value, path);
        }
        Value found = value;
        for (String part : Texts.split(path.text(), ".", -1)) {
            boolean index = !part.isEmpty() && part.chars().allMatch(Character::isDigit);
            found = Attributes.item(found, index ? Int.of(Integer.parseInt(part)) : new Str(part));
        }
        return found;
    }
}
