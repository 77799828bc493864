package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.Namespace;
import io.hfx.engine.jinja.value.RaisedException;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Signature;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Value;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that every template may call: Jinja2's, and those that transformers adds. */
public final class Globals {
    private static final int MAX_RANGE = 100_000;
    private static final Signature RANGE = Signature.of("range", "start stop? step?");
    private static final Signature RAISE = Signature.of("raise_exception", "message");
    private static final Signature STRFTIME = Signature.of("strftime_now", "format");
    private static final Signature JOINER = Signature.of("joiner", "sep?");

    private Globals() {}

    /** The functions by name; {@code strftime_now} reads the clock. */
    public static Map<String, Value> of(Clock clock) {
        return Map.of(
                "range", new Function(a -> range(RANGE.bind(a))),
                "dict", new Function(a -> Dict.of(named("dict", a))),
                "namespace", new Function(a -> new Namespace(named("namespace", a))),
                "joiner", new Function(a -> joiner(JOINER.bind(a).string(0, ", "))),
                "raise_exception", new Function(a -> raise(RAISE.bind(a))),
                "strftime_now", new Function(a -> now(STRFTIME.bind(a), clock)));
    }

    private static Value raise(Bound a) {
        throw new RaisedException(a.get(0).text());
    }

    private static Value now(Bound a, Clock clock) {
        return new Str(Strftime.format(ZonedDateTime.now(clock), a.string(0, "")));
    }

    private static Value range(Bound a) {
        boolean one = !a.has(1);
        int start = one ? 0 : a.integer(0, 0);
        int stop = one ? a.integer(0, 0) : a.integer(1, 0);
        int step = a.integer(2, 1);
        if (step == 0) {
            throw new EvaluationException("range() arg 3 must not be zero");
        }
        long length = Math.max(0, ((long) stop - start + step - Integer.signum(step)) / step);
        if (length > MAX_RANGE) {
            throw new EvaluationException(
                    "Range too big. The sandbox blocks ranges larger than " + MAX_RANGE + ".");
        }
        a.budget().steps(length);
        List<Value> items = new ArrayList<>((int) length);
        for (long i = 0; i < length; i++) {
            items.add(Int.of(start + i * step));
        }
        return new Sequence(Sequence.Kind.RANGE, items);
    }

    /** A mapping, if there is one, and the named arguments. */
    private static Map<String, Value> named(String function, Arguments a) {
        Map<String, Value> all = new LinkedHashMap<>();
        for (Value positional : a.positional()) {
            if (a.positional().size() > 1 || !(positional instanceof Dict dict)) {
                throw new EvaluationException(
                        function + "() takes at most one dict, and named arguments");
            }
            dict.entries().forEach((key, value) -> all.put(key.text(), value));
        }
        all.putAll(a.named());
        return all;
    }

    private static Value joiner(String separator) {
        boolean[] used = new boolean[1];
        return new Function(
                a -> {
                    Str text = used[0] ? new Str(separator) : Str.EMPTY;
                    used[0] = true;
                    return text;
                });
    }
}
