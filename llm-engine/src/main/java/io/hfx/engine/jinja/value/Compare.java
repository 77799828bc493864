package io.hfx.engine.jinja.value;

import java.util.Comparator;
import java.util.List;

/** Python's orders and {@code in}. */
public final class Compare {
    /** The order that {@code sort} uses. */
    public static final Comparator<Value> ORDER = (a, b) -> order(a, b, "<");

    private Compare() {}

    /**
     * Negative, zero or positive. NaN is taken as equal to all, where Python's answer is false.
     *
     * @param operator for the message
     * @throws EvaluationException if values of these types have no order
     */
    public static int order(Value a, Value b, String operator) {
        if (a instanceof Num x && b instanceof Num y) {
            return (x.isFinite() && y.isFinite())
                    ? x.exact().compareTo(y.exact())
                    : Double.compare(x.toDouble(), y.toDouble());
        }
        if (a instanceof Str x && b instanceof Str y) {
            return codePoints(x.chars(), y.chars());
        }
        if (a instanceof Sequence x
                && b instanceof Sequence y
                && x.kind() == y.kind()
                && x.kind().isPlain()) {
            return items(x.items(), y.items(), operator);
        }
        throw Operators.unsupported(
                operator, a, b, "'%s' not supported between instances of '%s' and '%s'");
    }

    private static int items(List<Value> a, List<Value> b, String operator) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            if (!a.get(i).equals(b.get(i))) {
                return order(a.get(i), b.get(i), operator);
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    private static int codePoints(String a, String b) {
        int i = 0;
        while (i < a.length() && i < b.length() && a.charAt(i) == b.charAt(i)) {
            i++;
        }
        if (i == a.length() || i == b.length()) {
            return Integer.compare(a.length(), b.length());
        }
        char x = a.charAt(i);
        char y = b.charAt(i);
        boolean xHigh = Character.isSurrogate(x);
        return xHigh == Character.isSurrogate(y) ? Character.compare(x, y) : (xHigh ? 1 : -1);
    }

    /** Python's {@code element in container}. */
    public static boolean contains(Value container, Value element) {
        if (container instanceof Str s) {
            if (element instanceof Undefined undefined) {
                throw undefined.refuse();
            }
            if (element instanceof Str part) {
                return s.chars().contains(part.chars());
            }
            throw new EvaluationException(
                    "'in <string>' requires string as left operand, not " + element.type());
        }
        if (container instanceof Dict dict) {
            return dict.get(element) != null;
        }
        if (container instanceof Num || container == None.NONE || container instanceof Dynamic) {
            throw new EvaluationException(
                    "argument of type '" + container.type() + "' is not iterable");
        }
        return container.iterate().contains(element);
    }
}
