package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.Compare;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.Dynamic;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.None;
import io.hfx.engine.jinja.value.Num;
import io.hfx.engine.jinja.value.Operators;
import io.hfx.engine.jinja.value.Real;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Signature;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Stream;
import io.hfx.engine.jinja.value.Texts;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All tests by name. */
public final class Tests {
    private static final Map<String, Test> ALL = all();

    private Tests() {}

    private interface Body {
        boolean passes(Value value, Bound arguments);
    }

    /** A test or null. */
    public static @Nullable Test find(String name) {
        return ALL.get(name);
    }

    static Test named(String name) {
        Test test = find(name);
        if (test == null) {
            throw new EvaluationException("no test named '" + name + "'");
        }
        return test;
    }

    private static Map<String, Test> all() {
        Map<String, Test> all = new HashMap<>();
        kinds(all);
        comparisons(all);
        is(all, "filter", value -> Filters.find(value.text()) != null);
        is(all, "test", value -> find(value.text()) != null);
        return Map.copyOf(all);
    }

    private static void kinds(Map<String, Test> all) {
        is(all, "defined", value -> !(value instanceof Undefined));
        is(all, "undefined", Undefined.class::isInstance);
        is(all, "none", value -> value == None.NONE);
        is(all, "string", Str.class::isInstance);
        is(all, "mapping", Dict.class::isInstance);
        is(all, "number", Num.class::isInstance);
        is(
                all,
                "integer",
                value -> value instanceof Num n && n.isIntegral() && !(n instanceof Bool));
        is(all, "float", Real.class::isInstance);
        is(all, "boolean", Bool.class::isInstance);
        is(all, "true", value -> value instanceof Bool b && b.value());
        is(all, "false", value -> value instanceof Bool b && !b.value());
        is(
                all,
                "iterable",
                value -> sequence(value) || value instanceof Sequence || value instanceof Stream);
        is(all, "sequence", Tests::sequence);
        is(
                all,
                "callable",
                value ->
                        value instanceof Undefined || (value instanceof Dynamic d && d.callable()));
        is(all, "escaped", value -> value instanceof Str s && s.safe());
        is(all, "lower", value -> hasCase(value) && Texts.lower(value.text()).equals(value.text()));
        is(all, "upper", value -> hasCase(value) && Texts.upper(value.text()).equals(value.text()));
    }

    private static boolean sequence(Value value) {
        return value instanceof Str
                || value instanceof Dict
                || value instanceof Undefined
                || (value instanceof Sequence s && s.kind().isIndexed());
    }

    private static boolean hasCase(Value value) {
        return value.text()
                .codePoints()
                .anyMatch(c -> Character.isUpperCase(c) || Character.isLowerCase(c));
    }

    private static void comparisons(Map<String, Test> all) {
        for (String name : List.of("equalto", "eq", "==")) {
            define(all, name, "other", (value, a) -> value.equals(a.get(0)));
        }
        for (String name : List.of("ne", "!=")) {
            define(all, name, "other", (value, a) -> !value.equals(a.get(0)));
        }
        for (String name : List.of("gt", "greaterthan", ">")) {
            define(all, name, "other", (value, a) -> Compare.order(value, a.get(0), ">") > 0);
        }
        for (String name : List.of("ge", ">=")) {
            define(all, name, "other", (value, a) -> Compare.order(value, a.get(0), ">=") >= 0);
        }
        for (String name : List.of("lt", "lessthan", "<")) {
            define(all, name, "other", (value, a) -> Compare.order(value, a.get(0), "<") < 0);
        }
        for (String name : List.of("le", "<=")) {
            define(all, name, "other", (value, a) -> Compare.order(value, a.get(0), "<=") <= 0);
        }
        define(all, "in", "seq", (value, a) -> Compare.contains(a.get(0), value));
        define(all, "sameas", "other", (value, a) -> same(value, a.get(0)));
        define(
                all,
                "divisibleby",
                "num",
                (value, a) -> !Operators.modulo(value, a.get(0), a.budget()).truthy());
        define(all, "odd", "", (value, a) -> halved(value, a).equals(Int.of(1)));
        define(all, "even", "", (value, a) -> halved(value, a).equals(Int.of(0)));
    }

    private static boolean same(Value a, Value b) {
        return a.getClass() == b.getClass()
                && (a == b || (!(a instanceof Sequence || a instanceof Dict) && a.equals(b)));
    }

    private static Value halved(Value value, Bound a) {
        return Operators.modulo(NumberFilters.number(value, "odd or even"), Int.of(2), a.budget());
    }

    private static void is(Map<String, Test> all, String name, Predicate<Value> test) {
        define(all, name, "", (value, a) -> test.test(value));
    }

    private static void define(Map<String, Test> all, String name, String parameters, Body body) {
        Signature signature = Signature.of(name, parameters);
        all.put(name, (value, arguments) -> body.passes(value, signature.bind(arguments)));
    }
}
