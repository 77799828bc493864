package io.hfx.engine.jinja.builtin;

import static io.hfx.engine.jinja.builtin.Filters.define;

import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.Compare;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.None;
import io.hfx.engine.jinja.value.Operators;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Slices;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Stream;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Filters on lists and whatever else has elements. */
final class SequenceFilters {
    private SequenceFilters() {}

    static void addTo(Map<String, Filter> all) {
        for (String name : List.of("length", "count")) {
            define(all, name, "", (value, a) -> Int.of(value.length()));
        }
        define(all, "first", "", (value, a) -> first(value));
        define(all, "last", "", (value, a) -> last(value));
        define(all, "list", "", (value, a) -> Sequence.list(items(value, a)));
        define(all, "join", "d? attribute?", SequenceFilters::join);
        define(all, "reverse", "", SequenceFilters::reverse);
        define(all, "sort", "reverse? case_sensitive? attribute?", SequenceFilters::sort);
        define(all, "unique", "case_sensitive? attribute?", SequenceFilters::unique);
        define(all, "sum", "attribute? start?", SequenceFilters::sum);
        define(all, "min", "case_sensitive? attribute?", (value, a) -> extreme(value, a, false));
        define(all, "max", "case_sensitive? attribute?", (value, a) -> extreme(value, a, true));
        define(all, "batch", "linecount fill_with?", SequenceFilters::batch);
        define(all, "slice", "slices fill_with?", SequenceFilters::slice);
    }

    static List<Value> items(Value value, Bound a) {
        List<Value> items = value.iterate();
        a.budget().steps(items.size());
        return items;
    }

    private static Value first(Value value) {
        if (value instanceof Stream stream) {
            Value next = stream.next();
            return next == null ? empty("first") : next;
        }
        List<Value> items = value.iterate();
        return items.isEmpty() ? empty("first") : items.get(0);
    }

    private static Value last(Value value) {
        if (value instanceof Stream) {
            throw new EvaluationException("'generator' object is not reversible");
        }
        List<Value> items = value.iterate();
        return items.isEmpty() ? empty("last") : items.get(items.size() - 1);
    }

    private static Undefined empty(String which) {
        return new Undefined("No " + which + " item, sequence was empty.");
    }

    private static Value join(Value value, Bound a) {
        String separator = a.or(0, Str.EMPTY).text();
        StringBuilder out = new StringBuilder();
        boolean more = false;
        for (Value item : items(value, a)) {
            String text = (a.has(1) ? DataFilters.path(item, a.get(1)) : item).text();
            a.budget().chars((long) text.length() + separator.length());
            out.append(more ? separator : "").append(text);
            more = true;
        }
        return new Str(out.toString());
    }

    private static Value reverse(Value value, Bound a) {
        if (value instanceof Str) {
            return Slices.slice(value, None.NONE, None.NONE, Int.of(-1));
        }
        List<Value> items = new ArrayList<>(items(value, a));
        Collections.reverse(items);
        return value instanceof Stream ? Sequence.list(items) : new Stream(items);
    }

    private static Value sort(Value value, Bound a) {
        List<Value> items = new ArrayList<>(items(value, a));
        boolean caseSensitive = a.flag(1, false);
        Comparator<Value> order = Compare.ORDER;
        if (a.has(2)) {
            for (String path : a.get(2).text().split(",", -1)) {
                Comparator<Value> by =
                        Comparator.comparing(
                                item ->
                                        DataFilters.folded(
                                                DataFilters.path(item, new Str(path)),
                                                caseSensitive),
                                Compare.ORDER);
                order = order == Compare.ORDER ? by : order.thenComparing(by);
            }
        } else {
            order =
                    Comparator.comparing(
                            item -> DataFilters.folded(item, caseSensitive), Compare.ORDER);
        }
        items.sort(a.flag(0, false) ? order.reversed() : order);
        return Sequence.list(items);
    }

    private static Value key(Value item, Bound a) {
        Value chosen = a.has(1) ? DataFilters.path(item, a.get(1)) : item;
        return DataFilters.folded(chosen, a.flag(0, false));
    }

    private static Value unique(Value value, Bound a) {
        Set<Value> seen = new HashSet<>();
        List<Value> items =
                items(value, a).stream().filter(item -> seen.add(Dict.key(key(item, a)))).toList();
        return new Stream(items);
    }

    private static Value sum(Value value, Bound a) {
        Value sum = a.or(1, Int.of(0));
        for (Value item : items(value, a)) {
            sum =
                    Operators.add(
                            sum, a.has(0) ? DataFilters.path(item, a.get(0)) : item, a.budget());
        }
        return sum;
    }

    private static Value extreme(Value value, Bound a, boolean highest) {
        Value best = new Undefined("No aggregated item, sequence was empty.");
        boolean any = false;
        for (Value item : items(value, a)) {
            int order = any ? Compare.order(key(item, a), key(best, a), highest ? ">" : "<") : 0;
            if (!any || (highest ? order > 0 : order < 0)) {
                best = item;
            }
            any = true;
        }
        return best;
    }

    private static Value batch(Value value, Bound a) {
        int size = a.integer(0, 1);
        List<Value> items = items(value, a);
        List<Value> batches = new ArrayList<>();
        for (int from = 0; size > 0 && from < items.size(); from += size) {
            List<Value> batch =
                    new ArrayList<>(items.subList(from, Math.min(items.size(), from + size)));
            a.budget().steps(a.has(1) ? size : 0);
            while (a.has(1) && batch.size() < size) {
                batch.add(a.get(1));
            }
            batches.add(Sequence.list(batch));
        }
        return new Stream(batches);
    }

    private static Value slice(Value value, Bound a) {
        int slices = a.integer(0, 1);
        List<Value> items = items(value, a);
        if (slices < 1) {
            throw new EvaluationException("slice(): the argument slices must be at least 1");
        }
        a.budget().steps(slices);
        int size = items.size() / slices;
        int longer = items.size() % slices;
        List<Value> all = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < slices; i++) {
            int to = from + size + (i < longer ? 1 : 0);
            List<Value> slice = new ArrayList<>(items.subList(from, to));
            if (a.has(1) && i >= longer) {
                slice.add(a.get(1));
            }
            all.add(Sequence.list(slice));
            from = to;
        }
        return new Stream(all);
    }
}
