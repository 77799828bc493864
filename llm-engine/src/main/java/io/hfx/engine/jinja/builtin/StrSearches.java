package io.hfx.engine.jinja.builtin;

import static io.hfx.engine.jinja.builtin.StrMethods.define;

import io.hfx.engine.jinja.value.Bool;
import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Texts;
import io.hfx.engine.jinja.value.Value;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;

/** The methods of {@code str} that look for something, and those that cut and join. */
final class StrSearches {
    private StrSearches() {}

    static void addTo(Map<String, StrMethods.Method> all) {
        questions(all);
        parts(all);
    }

    private static void questions(Map<String, StrMethods.Method> all) {
        define(all, "startswith", "prefix", (s, a) -> affix(s, a.get(0), String::startsWith));
        define(all, "endswith", "suffix", (s, a) -> affix(s, a.get(0), String::endsWith));
        define(
                all,
                "find",
                "sub start?",
                (s, a) -> Int.of(index(s, s.indexOf(a.string(0, ""), start(s, a)))));
        define(all, "rfind", "sub", (s, a) -> Int.of(index(s, s.lastIndexOf(a.string(0, "")))));
        define(
                all,
                "index",
                "sub start?",
                (s, a) -> found(index(s, s.indexOf(a.string(0, ""), start(s, a)))));
        define(all, "rindex", "sub", (s, a) -> found(index(s, s.lastIndexOf(a.string(0, "")))));
        define(all, "count", "sub", (s, a) -> Int.of(count(s, a.string(0, ""))));
        is(all, "isdigit", Character::isDigit);
        is(all, "isdecimal", Character::isDigit);
        is(all, "isnumeric", Character::isDigit);
        is(all, "isalpha", Character::isLetter);
        is(all, "isalnum", Character::isLetterOrDigit);
        is(all, "isspace", Texts::isSpace);
        define(
                all,
                "isupper",
                "",
                (s, a) -> Bool.of(!Texts.lower(s).equals(s) && Texts.upper(s).equals(s)));
        define(
                all,
                "islower",
                "",
                (s, a) -> Bool.of(!Texts.upper(s).equals(s) && Texts.lower(s).equals(s)));
    }

    private static void parts(Map<String, StrMethods.Method> all) {
        define(
                all,
                "split",
                "sep? maxsplit?",
                (s, a) ->
                        list(
                                a.has(0)
                                        ? Texts.split(s, a.string(0, ""), a.integer(1, -1))
                                        : Texts.words(s, a.integer(1, -1)),
                                a));
        define(
                all,
                "rsplit",
                "sep maxsplit?",
                (s, a) -> list(Texts.splitRight(s, a.string(0, ""), a.integer(1, -1)), a));
        define(all, "splitlines", "", (s, a) -> list(Texts.lines(s), a));
        define(all, "partition", "sep", (s, a) -> partition(s, s.indexOf(separator(a)), a));
        define(
                all,
                "rpartition",
                "sep",
                (s, a) -> {
                    int at = s.lastIndexOf(separator(a));
                    return at < 0
                            ? Sequence.tuple(Str.EMPTY, Str.EMPTY, new Str(s))
                            : partition(s, at, a);
                });
        define(all, "join", "iterable", (s, a) -> join(s, a));
    }

    private static Value affix(String text, Value affix, BiPredicate<String, String> test) {
        if (affix instanceof Str s) {
            return Bool.of(test.test(text, s.chars()));
        }
        if (affix instanceof Sequence tuple && tuple.kind() == Sequence.Kind.TUPLE) {
            return Bool.of(
                    tuple.items().stream()
                            .anyMatch(each -> each instanceof Str s && test.test(text, s.chars())));
        }
        throw new EvaluationException(
                "startswith and endswith need a string or a tuple of strings, were given "
                        + affix.type());
    }

    private static int start(String text, Bound a) {
        int start = Math.max(0, Math.min(a.integer(1, 0), text.codePointCount(0, text.length())));
        return text.offsetByCodePoints(0, start);
    }

    private static int index(String text, int charIndex) {
        return charIndex < 0 ? -1 : text.codePointCount(0, charIndex);
    }

    private static Int found(int index) {
        if (index < 0) {
            throw new EvaluationException("substring not found");
        }
        return Int.of(index);
    }

    private static int count(String text, String part) {
        return part.isEmpty()
                ? text.codePointCount(0, text.length()) + 1
                : Texts.split(text, part, -1).size() - 1;
    }

    private static String separator(Bound a) {
        String separator = a.string(0, "");
        if (separator.isEmpty()) {
            throw new EvaluationException("empty separator");
        }
        return separator;
    }

    private static Value partition(String text, int at, Bound a) {
        if (at < 0) {
            return Sequence.tuple(new Str(text), Str.EMPTY, Str.EMPTY);
        }
        String separator = separator(a);
        a.budget().chars(text.length());
        return Sequence.tuple(
                new Str(text.substring(0, at)),
                new Str(separator),
                new Str(text.substring(at + separator.length())));
    }

    private static Value list(List<String> parts, Bound a) {
        a.budget().steps(parts.size());
        a.budget().chars(parts.stream().mapToLong(String::length).sum());
        return Sequence.list(parts.stream().<Value>map(Str::new).toList());
    }

    private static Value join(String separator, Bound a) {
        StringBuilder out = new StringBuilder();
        boolean more = false;
        for (Value item : a.get(0).iterate()) {
            if (!(item instanceof Str s)) {
                throw new EvaluationException("join() needs strings, was given " + item.type());
            }
            a.budget().chars((long) separator.length() + s.chars().length());
            out.append(more ? separator : "").append(s.chars());
            more = true;
        }
        return new Str(out.toString());
    }

    private static void is(Map<String, StrMethods.Method> all, String name, IntPredicate each) {
        define(all, name, "", (s, a) -> Bool.of(!s.isEmpty() && s.codePoints().allMatch(each)));
    }
}
