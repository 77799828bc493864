package io.hfx.engine.jinja.builtin;

import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Formatting;
import io.hfx.engine.jinja.value.Signature;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Texts;
import io.hfx.engine.jinja.value.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The methods of {@code str}. */
final class StrMethods {
    private static final int MAX_WIDTH = 1 << 16;

    /** Methods of Python that are not here; anything else is undefined in Python too. */
    private static final Set<String> LEFT_OUT =
            Set.of(
                    "encode",
                    "expandtabs",
                    "format_map",
                    "isascii",
                    "isidentifier",
                    "isprintable",
                    "istitle",
                    "maketrans",
                    "translate");

    record Method(Signature signature, Body body) {}

    interface Body {
        Value call(String text, Bound arguments);
    }

    private static final Map<String, Method> ALL = all();

    private StrMethods() {}

    static @Nullable Value find(Str text, String name) {
        if (name.equals("format")) {
            return new Function(a -> new Str(Formatting.braces(text.chars(), a)));
        }
        if (LEFT_OUT.contains(name)) {
            throw new EvaluationException("the method str." + name + " is not supported");
        }
        Method method = ALL.get(name);
        return method == null
                ? null
                : new Function(a -> method.body().call(text.chars(), method.signature().bind(a)));
    }

    private static Map<String, Method> all() {
        Map<String, Method> all = new HashMap<>();
        changes(all);
        StrSearches.addTo(all);
        return Map.copyOf(all);
    }

    private static void changes(Map<String, Method> all) {
        map(all, "upper", Texts::upper);
        map(all, "lower", Texts::lower);
        map(all, "casefold", Texts::lower);
        map(all, "capitalize", Texts::capitalize);
        map(all, "swapcase", Texts::swapCase);
        map(all, "title", Texts::titleWords);
        define(all, "strip", "chars?", (s, a) -> text(Texts.strip(s, chars(a)), a));
        define(all, "lstrip", "chars?", (s, a) -> text(Texts.stripLeft(s, chars(a)), a));
        define(all, "rstrip", "chars?", (s, a) -> text(Texts.stripRight(s, chars(a)), a));
        define(
                all,
                "removeprefix",
                "prefix",
                (s, a) ->
                        text(
                                s.startsWith(a.string(0, ""))
                                        ? s.substring(a.string(0, "").length())
                                        : s,
                                a));
        define(
                all,
                "removesuffix",
                "suffix",
                (s, a) ->
                        text(
                                s.endsWith(a.string(0, ""))
                                        ? s.substring(0, s.length() - a.string(0, "").length())
                                        : s,
                                a));
        define(
                all,
                "replace",
                "old new count?",
                (s, a) ->
                        new Str(
                                Texts.replace(
                                        s,
                                        a.string(0, ""),
                                        a.string(1, ""),
                                        a.integer(2, -1),
                                        a.budget())));
        define(all, "zfill", "width", (s, a) -> text(zeros(s, a.integer(0, 0)), a));
        define(all, "center", "width", (s, a) -> text(center(s, a.integer(0, 0)), a));
        define(all, "ljust", "width fillchar?", (s, a) -> text(s + fill(s, a), a));
        define(all, "rjust", "width fillchar?", (s, a) -> text(fill(s, a) + s, a));
    }

    private static Str text(String text, Bound a) {
        a.budget().chars(text.length());
        return new Str(text);
    }

    private static IntPredicate chars(Bound a) {
        return Texts.stripped(a.has(0) ? a.string(0, "") : null);
    }

    private static String zeros(String text, int width) {
        int missing = Math.min(width, MAX_WIDTH) - text.length();
        int sign = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
        return missing <= 0
                ? text
                : text.substring(0, sign) + "0".repeat(missing) + text.substring(sign);
    }

    /** As Python does, an odd blank goes to the left of a text of odd width only. */
    static String center(String text, int width) {
        int missing = Math.min(width, MAX_WIDTH) - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        int left = missing / 2 + (missing & width & 1);
        return " ".repeat(left) + text + " ".repeat(missing - left);
    }

    private static String fill(String text, Bound a) {
        int missing = Math.min(a.integer(0, 0), MAX_WIDTH) - text.codePointCount(0, text.length());
        return a.string(1, " ").repeat(Math.max(0, missing));
    }

    private static void map(Map<String, Method> all, String name, UnaryOperator<String> change) {
        define(all, name, "", (s, a) -> text(change.apply(s), a));
    }

    static void define(Map<String, Method> all, String name, String parameters, Body body) {
        all.put(name, new Method(Signature.of(name, parameters), body));
    }
}
