package io.hfx.engine.jinja.builtin;

import static io.hfx.engine.jinja.builtin.Filters.define;

import io.hfx.engine.jinja.value.Arguments;
import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.Dict;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Formatting;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.Sequence;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Texts;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Filters that make text. They take anything and begin with its text. */
final class TextFilters {
    private static final Pattern TITLE_BREAK =
            Pattern.compile(
                    "(?<=[-\\s({\\[<])(?![-\\s({\\[<])|(?<![-\\s({\\[<])(?=[-\\s({\\[<])",
                    Pattern.UNICODE_CHARACTER_CLASS);

    private TextFilters() {}

    static void addTo(Map<String, Filter> all) {
        define(all, "upper", "", (value, a) -> text(Texts.upper(value.text()), a));
        define(all, "lower", "", (value, a) -> text(Texts.lower(value.text()), a));
        define(all, "capitalize", "", (value, a) -> text(Texts.capitalize(value.text()), a));
        define(all, "title", "", (value, a) -> text(title(value.text()), a));
        define(
                all,
                "string",
                "",
                (value, a) -> value instanceof Str ? value : text(value.text(), a));
        define(all, "trim", "chars?", TextFilters::trim);
        define(all, "replace", "old new count?", TextFilters::replace);
        define(all, "indent", "width? first? blank?", TextFilters::indent);
        define(
                all,
                "center",
                "width?",
                (value, a) -> text(StrMethods.center(value.text(), a.integer(0, 80)), a));
        define(all, "wordcount", "", (value, a) -> Int.of(wordCount(value.text())));
        define(all, "safe", "", (value, a) -> new Str(value.text(), true));
        for (String name : List.of("escape", "e")) {
            define(all, name, "", (value, a) -> escape(value, false, a));
        }
        define(all, "forceescape", "", (value, a) -> escape(value, true, a));
        all.put("format", TextFilters::format);
    }

    private static Str text(String text, Bound arguments) {
        arguments.budget().chars(text.length());
        return new Str(text);
    }

    private static Value trim(Value value, Bound a) {
        String chars = a.has(0) ? a.string(0, "") : null;
        return text(Texts.strip(value.text(), Texts.stripped(chars)), a);
    }

    private static Value replace(Value value, Bound a) {
        return new Str(
                Texts.replace(
                        value.text(),
                        a.get(0).text(),
                        a.get(1).text(),
                        a.integer(2, -1),
                        a.budget()));
    }

    /** Each run of letters between the marks begins with a capital. */
    private static String title(String text) {
        return TITLE_BREAK
                .splitAsStream(text)
                .map(each -> each.isEmpty() ? "" : capital(each))
                .collect(Collectors.joining());
    }

    private static String capital(String word) {
        int first = word.offsetByCodePoints(0, 1);
        return Texts.upper(word.substring(0, first)) + Texts.lower(word.substring(first));
    }

    private static Value indent(Value value, Bound a) {
        if (value instanceof Undefined undefined) {
            throw undefined.refuse();
        }
        if (!(value instanceof Str s)) {
            throw new EvaluationException("indent needs a string, was given " + value.type());
        }
        String indent =
                a.or(0, Int.of(4)) instanceof Str text
                        ? text.chars()
                        : " ".repeat(Math.max(0, Math.min(a.integer(0, 4), 4096)));
        boolean blank = a.flag(2, false);
        List<String> lines = Texts.lines(s.chars() + "\n");
        StringBuilder out = new StringBuilder(a.flag(1, false) ? indent : "");
        for (int i = 0; i < lines.size(); i++) {
            boolean indented = i > 0 && (blank || !lines.get(i).isEmpty());
            a.budget().chars(lines.get(i).length() + (long) indent.length());
            out.append(i == 0 ? "" : "\n").append(indented ? indent : "").append(lines.get(i));
        }
        return new Str(out.toString());
    }

    private static int wordCount(String text) {
        return (int)
                Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS)
                        .matcher(text)
                        .results()
                        .count();
    }

    private static Value escape(Value value, boolean again, Bound a) {
        boolean asIs = !again && value instanceof Str s && s.safe();
        String escaped = asIs ? value.text() : Texts.escapeHtml(value.text());
        a.budget().chars(escaped.length());
        return new Str(escaped, true);
    }

    private static Value format(Value value, Arguments arguments) {
        Value argument =
                arguments.named().isEmpty()
                        ? new Sequence(Sequence.Kind.TUPLE, arguments.positional())
                        : Dict.of(arguments.named());
        return new Str(Formatting.percent(value.text(), argument, arguments.budget()));
    }
}
