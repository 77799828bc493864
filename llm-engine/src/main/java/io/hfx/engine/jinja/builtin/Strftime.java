package io.hfx.engine.jinja.builtin;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.Map;

/** C's {@code strftime} in English, as Python has it; a mark that is not known stays as it is. */
final class Strftime {
    private static final Map<Character, DateTimeFormatter> PATTERNS =
            Map.ofEntries(
                    entry('Y', "yyyy"),
                    entry('y', "yy"),
                    entry('m', "MM"),
                    entry('B', "MMMM"),
                    entry('b', "MMM"),
                    entry('h', "MMM"),
                    entry('d', "dd"),
                    entry('A', "EEEE"),
                    entry('a', "EEE"),
                    entry('H', "HH"),
                    entry('I', "hh"),
                    entry('M', "mm"),
                    entry('S', "ss"),
                    entry('p', "a"),
                    entry('j', "DDD"),
                    entry('F', "yyyy-MM-dd"),
                    entry('T', "HH:mm:ss"),
                    entry('R', "HH:mm"),
                    entry('D', "MM/dd/yy"),
                    entry('x', "MM/dd/yy"),
                    entry('X', "HH:mm:ss"),
                    entry('c', "EEE MMM ppd HH:mm:ss yyyy"),
                    entry('e', "ppd"),
                    entry('f', "SSSSSS"));

    private Strftime() {}

    private static Map.Entry<Character, DateTimeFormatter> entry(char mark, String pattern) {
        return Map.entry(mark, DateTimeFormatter.ofPattern(pattern, Locale.US));
    }

    static String format(ZonedDateTime time, String format) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                out.append(c);
                continue;
            }
            char mark = format.charAt(++i);
            if (mark == '-' && i + 1 < format.length()) {
                mark = format.charAt(++i);
                out.append(field(time, mark).replaceFirst("^[0 ]+(?=.)", ""));
            } else {
                out.append(field(time, mark));
            }
        }
        return out.toString();
    }

    private static String field(ZonedDateTime time, char mark) {
        DateTimeFormatter pattern = PATTERNS.get(mark);
        if (pattern != null) {
            return pattern.format(time);
        }
        return switch (mark) {
            case '%' -> "%";
            case 'n' -> "\n";
            case 't' -> "\t";
            case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
            case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
            case 'V' -> String.format("%02d", time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
            case 's' -> Long.toString(time.getLong(ChronoField.INSTANT_SECONDS));
            // Python's now() has no zone, so that these give nothing.
            case 'Z', 'z' -> "";
            default -> "%" + mark;
        };
    }
}
