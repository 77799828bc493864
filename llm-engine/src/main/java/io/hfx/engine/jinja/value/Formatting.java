package io.hfx.engine.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Python's {@code %} formatting and {@code str.format}, for texts ({@code s}, {@code r}), integers
 * ({@code d}, {@code x}) and fixed-point numbers ({@code f}); other kinds are refused.
 */
public final class Formatting {
    private static final int MAX_WIDTH = 4096;
    private static final Pattern PERCENT =
            Pattern.compile(
                    "%(?:\\((?<key>[^)]*)\\))?(?<flags>[-+ 0#]*)(?<width>\\d*)(?:\\.(?<precision>\\d*))?(?<kind>.)",
                    Pattern.DOTALL);
    private static final Pattern FIELD =
            Pattern.compile(
                    "\\{\\{|\\}\\}|\\{(?<name>\\w*)(?:!(?<conversion>[rs]))?(?::(?:(?<fill>[^{}])?(?<align>[<>^]))?(?<sign>[-+ ])?(?<zero>0)?(?<width>\\d*)(?<comma>,)?(?:\\.(?<precision>\\d+))?(?<kind>[sdfx])?)?\\}|[{}]");

    private Formatting() {}

    /**
     * {@code format % argument}, where a tuple holds several and a dict named ones.
     *
     * @throws EvaluationException if values are missing or left over, or a kind is not known
     */
    public static String percent(String format, Value argument, Budget budget) {
        boolean tuple = argument instanceof Sequence s && s.kind() == Sequence.Kind.TUPLE;
        List<Value> values = tuple ? argument.iterate() : List.of(argument);
        Map<Value, Value> named = argument instanceof Dict d ? d.entries() : Map.of();
        boolean allUsed =
                tuple
                        || argument instanceof Str
                        || argument instanceof Num
                        || argument == None.NONE;
        StringBuilder out = new StringBuilder();
        Matcher matcher = PERCENT.matcher(format);
        int from = 0;
        int used = 0;
        for (int at = format.indexOf('%'); at >= 0; at = format.indexOf('%', from)) {
            out.append(format, from, at);
            if (!matcher.region(at, format.length()).lookingAt()) {
                throw new EvaluationException("incomplete format");
            }
            from = matcher.end();
            if (matcher.group("kind").equals("%")) {
                out.append('%');
                continue;
            }
            Value value;
            if (matcher.group("key") != null) {
                Value found = named.get(new Str(matcher.group("key")));
                value = found == null ? missing() : found;
            } else {
                value = used < values.size() ? values.get(used) : missing();
                used++;
            }
            out.append(percentField(matcher, value));
        }
        if (allUsed && used < values.size()) {
            throw new EvaluationException("not all arguments converted during string formatting");
        }
        budget.chars(out.length());
        return out.append(format, from, format.length()).toString();
    }

    private static Value missing() {
        throw new EvaluationException("not enough arguments for format string");
    }

    private static String percentField(Matcher field, Value value) {
        String flags = field.group("flags");
        String precision = field.group("precision");
        int digits = precision == null ? -1 : precision.isEmpty() ? 0 : number(precision);
        String sign = flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
        boolean textual = "sr".contains(field.group("kind"));
        String body = body(field.group("kind"), value, digits, sign);
        char align = flags.contains("-") ? '<' : '>';
        boolean zeros = flags.contains("0") && align == '>' && !textual;
        return pad(body, number(field.group("width")), zeros ? '=' : align, zeros ? "0" : " ");
    }

    private static String body(String kind, Value value, int digits, String sign) {
        return switch (kind) {
            case "s" -> cut(value.text(), digits);
            case "r" -> cut(value.repr(), digits);
            case "d", "i", "u" -> signed(integer(value, kind).toString(), sign);
            case "x" -> signed(integer(value, kind).toString(16), sign);
            case "f", "F" -> signed(fixed(value, digits < 0 ? 6 : digits), sign);
            default -> throw new EvaluationException("unsupported format character '" + kind + "'");
        };
    }

    private static String cut(String text, int digits) {
        int length = text.codePointCount(0, text.length());
        return digits < 0 || digits >= length
                ? text
                : text.substring(0, text.offsetByCodePoints(0, digits));
    }

    private static String signed(String number, String sign) {
        return number.startsWith("-") ? number : sign + number;
    }

    private static BigInteger integer(Value value, String kind) {
        if (value instanceof Num n) {
            return n.toInteger();
        }
        throw notNumber(value, kind);
    }

    private static String fixed(Value value, int digits) {
        if (!(value instanceof Num n)) {
            throw notNumber(value, "f");
        }
        return n.isFinite()
                ? new BigDecimal(n.toDouble())
                        .setScale(Math.min(digits, MAX_WIDTH), RoundingMode.HALF_EVEN)
                        .toPlainString()
                : n.text();
    }

    private static EvaluationException notNumber(Value value, String kind) {
        return value instanceof Undefined undefined
                ? undefined.refuse()
                : new EvaluationException(
                        "%" + kind + " format: a number is required, not " + value.type());
    }

    private static int number(String digits) {
        int value =
                digits.isEmpty()
                        ? 0
                        : digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
        if (value > MAX_WIDTH) {
            throw new EvaluationException("a format's width may be at most " + MAX_WIDTH);
        }
        return value;
    }

    private static String pad(String text, int width, char align, String fill) {
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        return switch (align) {
            case '<' -> text + fill.repeat(missing);
            case '^' -> fill.repeat(missing / 2) + text + fill.repeat(missing - missing / 2);
            case '=' -> {
                int sign =
                        text.startsWith("-") || text.startsWith("+") || text.startsWith(" ")
                                ? 1
                                : 0;
                yield text.substring(0, sign) + fill.repeat(missing) + text.substring(sign);
            }
            default -> fill.repeat(missing) + text;
        };
    }

    /**
     * {@code format.format(...)}; fields may have a name or number, {@code !r}, and a width.
     *
     * @throws EvaluationException if a field names nothing, or is of a form that is not known
     */
    public static String braces(String format, Arguments arguments) {
        StringBuilder out = new StringBuilder();
        Matcher matcher = FIELD.matcher(format);
        int from = 0;
        int next = 0;
        while (matcher.find()) {
            out.append(format, from, matcher.start());
            from = matcher.end();
            String name = matcher.group("name");
            if (name == null) {
                if (matcher.group().length() == 1) {
                    throw new EvaluationException("unsupported field in format string: " + format);
                }
                out.append(matcher.group().charAt(0));
                continue;
            }
            Value value = name.isEmpty() ? positional(arguments, next++) : named(arguments, name);
            out.append(bracesField(matcher, value));
        }
        arguments.budget().chars(out.length());
        return out.append(format, from, format.length()).toString();
    }

    private static Value positional(Arguments arguments, int index) {
        if (index >= arguments.positional().size()) {
            throw new EvaluationException(
                    "Replacement index " + index + " out of range for positional args tuple");
        }
        return arguments.positional().get(index);
    }

    private static Value named(Arguments arguments, String name) {
        if (Character.isDigit(name.charAt(0))) {
            return positional(arguments, number(name));
        }
        Value value = arguments.named().get(name);
        if (value == null) {
            throw new EvaluationException("format() was not given the argument " + name);
        }
        return value;
    }

    private static String bracesField(Matcher field, Value value) {
        boolean quoted = "r".equals(field.group("conversion"));
        Value shown =
                field.group("conversion") == null
                        ? value
                        : new Str(quoted ? value.repr() : value.text());
        boolean number = shown instanceof Num && !(shown instanceof Bool);
        String precision = field.group("precision");
        int digits = precision == null ? -1 : number(precision);
        String kind = field.group("kind");
        if (kind == null) {
            kind = number && digits >= 0 ? refuseGeneral() : "s";
        }
        String sign = field.group("sign") == null ? "" : field.group("sign").replace("-", "");
        String body =
                kind.equals("s") && number
                        ? signed(shown.text(), sign)
                        : body(kind, shown, digits, sign);
        if (field.group("comma") != null) {
            body = body.replaceAll("(?<=\\d)(?=(\\d{3})+(?!\\d))(?<!\\.\\d{0,20})", ",");
        }
        boolean zeros = field.group("zero") != null && field.group("align") == null;
        char align =
                field.group("align") != null
                        ? field.group("align").charAt(0)
                        : zeros ? '=' : number ? '>' : '<';
        String fill = field.group("fill") != null ? field.group("fill") : zeros ? "0" : " ";
        String width = field.group("width");
        return pad(body, width == null ? 0 : number(width), align, fill);
    }

    private static String refuseGeneral() {
        throw new EvaluationException("a precision needs the kind f or s in a format");
    }
}
