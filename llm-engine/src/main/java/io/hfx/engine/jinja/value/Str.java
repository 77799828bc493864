package io.hfx.engine.jinja.value;

import java.util.List;

/**
 * A text. Python counts and cuts by code point.
 *
 * @param chars the text
 * @param safe whether it came out of {@code safe} or {@code escape}: what is added to it with
 *     {@code +} is escaped for HTML first
 */
public record Str(String chars, boolean safe) implements Value {
    public static final Str EMPTY = new Str("");

    public Str(String chars) {
        this(chars, false);
    }

    /** Whether every code point is one char, which makes counting simple. */
    boolean isPlain() {
        return chars.codePointCount(0, chars.length()) == chars.length();
    }

    @Override
    public boolean truthy() {
        return !chars.isEmpty();
    }

    @Override
    public String text() {
        return chars;
    }

    @Override
    public String repr() {
        return Quoting.quote(chars);
    }

    @Override
    public String type() {
        return "str";
    }

    @Override
    public List<Value> iterate() {
        return chars.codePoints()
                .<Value>mapToObj(each -> new Str(Character.toString(each)))
                .toList();
    }

    @Override
    public int length() {
        return chars.codePointCount(0, chars.length());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Str s && chars.equals(s.chars);
    }

    @Override
    public int hashCode() {
        return chars.hashCode();
    }
}
