package io.hfx.plugin.config;

import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One key of a configuration.
 *
 * @param name as written in a file, for example {@code hfx_port}
 * @param type of its values
 * @param min least number, or least length of a text
 * @param max greatest number, or greatest length of a text
 * @param byDefault text of the value where none is given; empty for none
 * @param meaning one sentence for the documentation
 * @param scopes where it has an effect
 */
public record ConfigKey(
        String name,
        Type type,
        double min,
        double max,
        String byDefault,
        String meaning,
        Set<Scope> scopes) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._/-]*");

    public ConfigKey {
        scopes = Set.copyOf(scopes);
    }

    /** Where a key has an effect. */
    public enum Scope {
        /** The server that {@code hfx serve} starts. */
        STANDALONE("the standalone server"),
        /** {@code config.properties} of a DJL Serving with the plugin. */
        DJL_SERVING("DJL Serving"),
        /** {@code serving.properties} of a model that is scheduled by whole requests. */
        WHOLE_MODEL("models of other engines"),
        /** {@code serving.properties} of a model with {@code engine=HFX}. */
        HFX_MODEL("models with engine=HFX");

        private final String label;

        Scope(String label) {
            this.label = label;
        }

        /** As messages and documents name it. */
        public String label() {
            return label;
        }
    }

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

    /** The same key, with an effect there only. */
    ConfigKey onlyIn(Scope scope) {
        return in(EnumSet.of(scope));
    }

    /** The same key, with an effect there too. */
    ConfigKey alsoIn(Scope scope) {
        EnumSet<Scope> more = EnumSet.copyOf(scopes);
        more.add(scope);
        return in(more);
    }

    private ConfigKey in(Set<Scope> where) {
        return new ConfigKey(name, type, min, max, byDefault, meaning, where);
    }

    /** A key of other name and scope with the same values. */
    ConfigKey as(String other, Scope scope) {
        return new ConfigKey(other, type, min, max, byDefault, meaning, EnumSet.of(scope));
    }

    /** The same key for one model: where it is left out, this one's value holds. */
    ConfigKey forModel(String other, Scope scope) {
        String inherits = meaning + "; the server's " + name + " if left out";
        return new ConfigKey(other, type, min, max, "", inherits, EnumSet.of(scope));
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

    static ConfigKey number(String name, long min, long max, long byDefault, String meaning) {
        return of(
                name, Type.INTEGER, (double) min, (double) max, Long.toString(byDefault), meaning);
    }

    static ConfigKey decimal(
            String name, double min, double max, String byDefault, String meaning) {
        return of(name, Type.DECIMAL, min, max, byDefault, meaning);
    }

    static ConfigKey seconds(String name, long byDefault, String meaning) {
        return of(name, Type.DECIMAL, 0.05, 86_400, Long.toString(byDefault), meaning);
    }

    static ConfigKey name(String name, String byDefault, String meaning) {
        return of(name, Type.NAME, 1, 128, byDefault, meaning);
    }

    static ConfigKey text(String name, int maxChars, String byDefault, String meaning) {
        return of(name, Type.TEXT, 1, maxChars, byDefault, meaning);
    }

    static ConfigKey flag(String name, boolean byDefault, String meaning) {
        return of(name, Type.FLAG, 0, 0, Boolean.toString(byDefault), meaning);
    }

    static ConfigKey path(String name, String meaning) {
        return of(name, Type.PATH, 1, 4096, "", meaning);
    }

    private static ConfigKey of(
            String name, Type type, double min, double max, String byDefault, String meaning) {
        return new ConfigKey(
                name, type, min, max, byDefault, meaning, EnumSet.of(Scope.STANDALONE));
    }
}
