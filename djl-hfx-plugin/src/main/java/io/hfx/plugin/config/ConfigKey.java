package io.hfx.plugin.config;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * One key of the server's configuration.
 *
 * @param name as written in a file, for example {@code hfx_port}
 * @param type of its values
 * @param min least number, or least length of a text
 * @param max greatest number, or greatest length of a text
 * @param byDefault text of the value where none is given; empty for none
 * @param meaning one sentence for the documentation
 */
public record ConfigKey(
        String name, Type type, double min, double max, String byDefault, String meaning) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]*");

    /** Kinds of values. */
    public enum Type {
        /** A whole number. */
        INTEGER,
        /** A decimal number. */
        DECIMAL,
        /** Letters, digits, dots, dashes, underscores and slashes. */
        NAME,
        /** Any text, for example an address. */
        TEXT,
        /** True or false. */
        FLAG,
        /** A path; relative ones start at the working directory. */
        PATH
    }

    /** What is allowed, for messages and documentation. */
    public String allowed() {
        return switch (type) {
            case INTEGER -> "a whole number from " + plain(min) + " to " + plain(max);
            case DECIMAL -> "a number from " + plain(min) + " to " + plain(max);
            case NAME ->
                    "1 to "
                            + plain(max)
                            + " letters, digits or . _ / -, the first a letter or digit";
            case TEXT -> "1 to " + plain(max) + " characters";
            case FLAG -> "true or false";
            case PATH -> "a path";
        };
    }

    /** Whether the text is a value of this key. */
    public boolean accepts(String value) {
        return switch (type) {
            case INTEGER -> value.matches("-?[0-9]{1,18}") && inRange(new BigDecimal(value));
            case DECIMAL ->
                    value.matches("-?[0-9]{1,18}(\\.[0-9]{1,9})?")
                            && inRange(new BigDecimal(value));
            case NAME -> value.length() <= max && NAME.matcher(value).matches();
            case FLAG -> value.equals("true") || value.equals("false");
            case TEXT, PATH -> !value.isBlank() && value.length() <= max;
        };
    }

    private boolean inRange(BigDecimal number) {
        return number.compareTo(BigDecimal.valueOf(min)) >= 0
                && number.compareTo(BigDecimal.valueOf(max)) <= 0;
    }

    private static String plain(double number) {
        return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }
}
