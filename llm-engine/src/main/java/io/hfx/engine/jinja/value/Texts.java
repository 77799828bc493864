package io.hfx.engine.jinja.value;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Python's ways with text. */
public final class Texts {
    private Texts() {}

    /** Python's {@code str.isspace} of one character. */
    public static boolean isSpace(int c) {
        return c == ' '
                || (c >= '\t' && c <= '\r')
                || (c >= 0x1c && c <= 0x1f)
                || c == 0x85
                || c == 0xa0
                || (c > 0xff && Character.isSpaceChar(c));
    }

    /** What {@code strip} takes off: blanks, or the characters of a text. */
    public static IntPredicate stripped(@Nullable String chars) {
        return chars == null ? Texts::isSpace : c -> chars.indexOf(c) >= 0;
    }

    public static String strip(String text, IntPredicate off) {
        return stripRight(stripLeft(text, off), off);
    }

    public static String stripLeft(String text, IntPredicate off) {
        int from = 0;
        while (from < text.length() && off.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        return text.substring(from);
    }

    public static String stripRight(String text, IntPredicate off) {
        int to = text.length();
        while (to > 0 && off.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(0, to);
    }

    public static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    public static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    /** Upper case for lower case and the other way around. */
    public static String swapCase(String text) {
        StringBuilder out = new StringBuilder();
        text.codePoints()
                .mapToObj(Character::toString)
                .forEach(
                        c ->
                                out.append(
                                        Character.isUpperCase(c.codePointAt(0))
                                                ? lower(c)
                                                : upper(c)));
        return out.toString();
    }

    /** The first character in title case, the others in lower case. */
    public static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.offsetByCodePoints(0, 1);
        return title(text.substring(0, first)) + lower(text.substring(first));
    }

    private static String title(String letter) {
        int titled = Character.toTitleCase(letter.codePointAt(0));
        return titled == letter.codePointAt(0) ? upper(letter) : Character.toString(titled);
    }

    /** Python's {@code str.title}: every run of cased letters is capitalised. */
    public static String titleWords(String text) {
        StringBuilder out = new StringBuilder();
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            String letter = Character.toString(c);
            out.append(inWord ? lower(letter) : title(letter));
            inWord =
                    Character.isUpperCase(c)
                            || Character.isLowerCase(c)
                            || Character.isTitleCase(c);
        }
        return out.toString();
    }

    /** Python's {@code split()} without separator: at runs of blanks. */
    public static List<String> words(String text, int maxSplit) {
        List<String> words = new ArrayList<>();
        String rest = stripLeft(text, Texts::isSpace);
        while (!rest.isEmpty()) {
            if (maxSplit >= 0 && words.size() == maxSplit) {
                words.add(stripRight(rest, Texts::isSpace));
                return words;
            }
            int end = 0;
            while (end < rest.length() && !isSpace(rest.charAt(end))) {
                end++;
            }
            words.add(rest.substring(0, end));
            rest = stripLeft(rest.substring(end), Texts::isSpace);
        }
        return words;
    }

    /** Python's {@code split(separator, maxSplit)}; a negative maximum is none. */
    public static List<String> split(String text, String separator, int maxSplit) {
        if (separator.isEmpty()) {
            throw new EvaluationException("empty separator");
        }
        List<String> parts = new ArrayList<>();
        int from = 0;
        int at;
        while ((maxSplit < 0 || parts.size() < maxSplit)
                && (at = text.indexOf(separator, from)) >= 0) {
            parts.add(text.substring(from, at));
            from = at + separator.length();
        }
        parts.add(text.substring(from));
        return parts;
    }

    /** Python's {@code rsplit(separator, maxSplit)}. */
    public static List<String> splitRight(String text, String separator, int maxSplit) {
        if (separator.isEmpty()) {
            throw new EvaluationException("empty separator");
        }
        List<String> parts = new ArrayList<>();
        int to = text.length();
        int at;
        while ((maxSplit < 0 || parts.size() < maxSplit)
                && (at = text.lastIndexOf(separator, to - separator.length())) >= 0
                && to - separator.length() >= 0) {
            parts.add(0, text.substring(at + separator.length(), to));
            to = at;
        }
        parts.add(0, text.substring(0, to));
        return parts;
    }

    /** Python's {@code splitlines}: at every line boundary of Unicode, without the ends. */
    public static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c >= '\n' && c <= '\r')
                    || (c >= 0x1c && c <= 0x1e)
                    || c == 0x85
                    || c == 0x2028
                    || c == 0x2029) {
                lines.add(text.substring(from, i));
                if (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
                    i++;
                }
                from = i + 1;
            }
        }
        if (from < text.length()) {
            lines.add(text.substring(from));
        }
        return lines;
    }

    /** Python's {@code replace}; a negative count is all. */
    public static String replace(String text, String old, String with, int count, Budget budget) {
        StringBuilder out = new StringBuilder();
        int from = 0;
        int done = 0;
        while (count < 0 || done < count) {
            int at = old.isEmpty() ? (done == 0 ? 0 : next(text, from)) : text.indexOf(old, from);
            if (at < 0) {
                break;
            }
            budget.chars(at - from + with.length());
            out.append(text, from, at).append(with);
            from = at + old.length();
            done++;
        }
        budget.chars(text.length() - from);
        return out.append(text, from, text.length()).toString();
    }

    /** The place after the next character, or -1 at the end. */
    private static int next(String text, int from) {
        return from >= text.length() ? -1 : text.offsetByCodePoints(from, 1);
    }

    /** The five characters of HTML, as Python's markupsafe writes them. */
    public static String escapeHtml(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }
}
