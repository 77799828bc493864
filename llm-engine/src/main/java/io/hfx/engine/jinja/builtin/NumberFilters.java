package io.hfx.engine.jinja.builtin;

import static io.hfx.engine.jinja.builtin.Filters.define;

import io.hfx.engine.jinja.value.Bound;
import io.hfx.engine.jinja.value.EvaluationException;
import io.hfx.engine.jinja.value.Int;
import io.hfx.engine.jinja.value.Num;
import io.hfx.engine.jinja.value.Operators;
import io.hfx.engine.jinja.value.Real;
import io.hfx.engine.jinja.value.Str;
import io.hfx.engine.jinja.value.Texts;
import io.hfx.engine.jinja.value.Undefined;
import io.hfx.engine.jinja.value.Value;
import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Filters that make numbers. */
final class NumberFilters {
    private static final int MAX_DIGITS = 1000;
    private static final Pattern INTEGER = Pattern.compile("[+-]?[0-9a-zA-Z]+(_[0-9a-zA-Z]+)*");
    private static final Pattern DECIMAL =
            Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");

    private NumberFilters() {}

    static void addTo(Map<String, Filter> all) {
        define(all, "int", "default? base?", NumberFilters::integer);
        define(all, "float", "default?", NumberFilters::decimal);
        define(all, "abs", "", (value, a) -> magnitude(value));
        define(all, "round", "precision? method?", NumberFilters::round);
    }

    private static Value integer(Value value, Bound a) {
        refuseUndefined(value);
        if (value instanceof Num n) {
            return n.isFinite() ? new Int(n.toInteger()) : a.or(0, Int.of(0));
        }
        if (value instanceof Str s) {
            String text = Texts.strip(s.chars(), Texts::isSpace);
            BigInteger whole = parse(text, a.integer(1, 10));
            if (whole != null) {
                return new Int(whole);
            }
            Real decimal = parse(text);
            if (decimal != null && decimal.isFinite()) {
                return new Int(decimal.toInteger());
            }
        }
        return a.or(0, Int.of(0));
    }

    private static @Nullable BigInteger parse(String text, int base) {
        if (base < 2 || base > 36) {
            throw new EvaluationException("int(): the argument base must be from 2 to 36");
        }
        if (text.length() > MAX_DIGITS || !INTEGER.matcher(text).matches()) {
            return null;
        }
        String digits = text.replace("_", "");
        String prefix = base == 16 ? "0[xX]" : base == 8 ? "0[oO]" : base == 2 ? "0[bB]" : "";
        try {
            return new BigInteger(
                    prefix.isEmpty() ? digits : digits.replaceFirst(prefix, ""), base);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static @Nullable Real parse(String text) {
        return text.length() <= MAX_DIGITS && DECIMAL.matcher(text).matches()
                ? new Real(Double.parseDouble(text))
                : null;
    }

    private static Value decimal(Value value, Bound a) {
        refuseUndefined(value);
        if (value instanceof Num n) {
            return new Real(n.toDouble());
        }
        Real parsed = value instanceof Str s ? parse(Texts.strip(s.chars(), Texts::isSpace)) : null;
        return parsed == null ? a.or(0, new Real(0)) : parsed;
    }

    private static Value magnitude(Value value) {
        if (value instanceof Num n && !n.isIntegral()) {
            return new Real(Math.abs(n.toDouble()));
        }
        return new Int(number(value, "abs").toInteger().abs());
    }

    private static Value round(Value value, Bound a) {
        Num number = number(value, "round");
        int digits = a.integer(0, 0);
        String method = a.string(1, "common");
        double scale = Math.pow(10, digits);
        return switch (method) {
            case "common" -> Operators.round(number, digits);
            case "ceil" -> new Real(Math.ceil(number.toDouble() * scale) / scale);
            case "floor" -> new Real(Math.floor(number.toDouble() * scale) / scale);
            default ->
                    throw new EvaluationException(
                            "round(): the argument method must be common, ceil or floor");
        };
    }

    static Num number(Value value, String filter) {
        refuseUndefined(value);
        if (value instanceof Num n) {
            return n;
        }
        throw new EvaluationException(filter + " needs a number, was given " + value.type());
    }

    private static void refuseUndefined(Value value) {
        if (value instanceof Undefined undefined) {
            throw undefined.refuse();
        }
    }
}
