package io.hfx.engine.jinja.value;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Python's {@code json.dumps}, whose layout models were trained on.
 *
 * @param asciiOnly whether other characters are written as escapes
 * @param indent put in once for each level of a text over several lines; null for one line
 * @param itemSeparator between elements
 * @param keySeparator between key and value
 * @param sortKeys whether keys are ordered
 */
public record Json(
        boolean asciiOnly,
        @Nullable String indent,
        String itemSeparator,
        String keySeparator,
        boolean sortKeys) {
    /**
     * Writes a value.
     *
     * @throws EvaluationException if JSON has nothing like it
     */
    public String write(Value value) {
        StringBuilder out = new StringBuilder();
        write(out, value, 1);
        return out.toString();
    }

    private void write(StringBuilder out, Value value, int level) {
        if (value instanceof Str s) {
            quote(out, s.chars());
        } else if (value instanceof Sequence s && s.kind().isPlain()) {
            list(out, s.items(), level);
        } else if (value instanceof Dict dict) {
            dict(out, dict, level);
        } else {
            out.append(atom(value));
        }
    }

    private static String atom(Value value) {
        if (value == None.NONE) {
            return "null";
        }
        if (value instanceof Bool bool) {
            return bool.value() ? "true" : "false";
        }
        if (value instanceof Real f && !Double.isFinite(f.value())) {
            return Double.isNaN(f.value()) ? "NaN" : f.value() > 0 ? "Infinity" : "-Infinity";
        }
        if (value instanceof Num number) {
            return number.text();
        }
        throw new EvaluationException(
                "Object of type " + value.type() + " is not JSON serializable");
    }

    private void list(StringBuilder out, List<Value> items, int level) {
        if (items.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        for (Iterator<Value> each = items.iterator(); each.hasNext(); ) {
            line(out, level);
            write(out, each.next(), level + 1);
            out.append(each.hasNext() ? itemSeparator : "");
        }
        line(out, level - 1);
        out.append(']');
    }

    private void dict(StringBuilder out, Dict dict, int level) {
        if (dict.entries().isEmpty()) {
            out.append("{}");
            return;
        }
        List<Map.Entry<Value, Value>> entries = new ArrayList<>(dict.entries().entrySet());
        if (sortKeys) {
            entries.sort(Map.Entry.comparingByKey(Compare.ORDER));
        }
        out.append('{');
        for (Iterator<Map.Entry<Value, Value>> each = entries.iterator(); each.hasNext(); ) {
            Map.Entry<Value, Value> entry = each.next();
            line(out, level);
            quote(out, key(entry.getKey()));
            out.append(keySeparator);
            write(out, entry.getValue(), level + 1);
            out.append(each.hasNext() ? itemSeparator : "");
        }
        line(out, level - 1);
        out.append('}');
    }

    private void line(StringBuilder out, int level) {
        if (indent != null) {
            out.append('\n').append(indent.repeat(level));
        }
    }

    private static String key(Value key) {
        if (key instanceof Sequence) {
            throw new EvaluationException(
                    "keys must be str, int, float, bool or None, not " + key.type());
        }
        return key instanceof Str s ? s.chars() : atom(key);
    }

    private void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\b' -> out.append("\\b");
                default -> {
                    if (c < ' ' || (asciiOnly && c > '~')) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
