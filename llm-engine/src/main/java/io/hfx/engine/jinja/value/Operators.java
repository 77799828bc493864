package io.hfx.engine.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** Python's arithmetic. */
public final class Operators {
    private static final int MAX_INT_BITS = 4096;

    private Operators() {}

    static EvaluationException unsupported(String operator, Value a, Value b, String message) {
        if (a instanceof Undefined undefined) {
            return undefined.refuse();
        }
        if (b instanceof Undefined undefined) {
            return undefined.refuse();
        }
        return new EvaluationException(String.format(message, operator, a.type(), b.type()));
    }

    private static EvaluationException unsupported(String operator, Value a, Value b) {
        return unsupported(operator, a, b, "unsupported operand type(s) for %s: '%s' and '%s'");
    }

    public static Value add(Value a, Value b, Budget budget) {
        if (a instanceof Num x && b instanceof Num y) {
            return (x.isIntegral() && y.isIntegral())
                    ? integer(x.toInteger().add(y.toInteger()))
                    : new Real(x.toDouble() + y.toDouble());
        }
        if (a instanceof Str x && b instanceof Str y) {
            return join(x, y, budget);
        }
        if (a instanceof Sequence x
                && b instanceof Sequence y
                && x.kind() == y.kind()
                && x.kind().isPlain()) {
            budget.steps((long) x.items().size() + y.items().size());
            List<Value> items = new ArrayList<>(x.items());
            items.addAll(y.items());
            return new Sequence(x.kind(), items);
        }
        throw unsupported("+", a, b);
    }

    private static Str join(Str a, Str b, Budget budget) {
        if (a.safe() || b.safe()) {
            String left = a.safe() ? a.chars() : Texts.escapeHtml(a.chars());
            String right = b.safe() ? b.chars() : Texts.escapeHtml(b.chars());
            budget.chars((long) left.length() + right.length());
            return new Str(left + right, true);
        }
        budget.chars((long) a.chars().length() + b.chars().length());
        return new Str(a.chars() + b.chars());
    }

    public static Value subtract(Value a, Value b) {
        if (a instanceof Num x && b instanceof Num y) {
            return (x.isIntegral() && y.isIntegral())
                    ? integer(x.toInteger().subtract(y.toInteger()))
                    : new Real(x.toDouble() - y.toDouble());
        }
        throw unsupported("-", a, b);
    }

    public static Value multiply(Value a, Value b, Budget budget) {
        if (a instanceof Num x && b instanceof Num y) {
            return (x.isIntegral() && y.isIntegral())
                    ? integer(x.toInteger().multiply(y.toInteger()))
                    : new Real(x.toDouble() * y.toDouble());
        }
        if (b instanceof Num n && n.isIntegral() && !(a instanceof Num)) {
            return repeat(a, Slices.clamp(n.toInteger()), a, b, budget);
        }
        if (a instanceof Num n && n.isIntegral()) {
            return repeat(b, Slices.clamp(n.toInteger()), a, b, budget);
        }
        throw unsupported("*", a, b);
    }

    private static Value repeat(Value value, int times, Value a, Value b, Budget budget) {
        int count = Math.max(0, times);
        if (value instanceof Str s) {
            budget.chars((long) s.chars().length() * count);
            return new Str(s.chars().repeat(count), s.safe());
        }
        if (value instanceof Sequence s && s.kind().isPlain()) {
            budget.steps((long) s.items().size() * count);
            List<Value> items = new ArrayList<>();
            for (int i = 0; i < (s.items().isEmpty() ? 0 : count); i++) {
                items.addAll(s.items());
            }
            return new Sequence(s.kind(), items);
        }
        throw unsupported("*", a, b);
    }

    public static Value divide(Value a, Value b) {
        if (a instanceof Num x && b instanceof Num y) {
            return new Real(x.toDouble() / divisor(y).toDouble());
        }
        throw unsupported("/", a, b);
    }

    public static Value floorDivide(Value a, Value b) {
        if (a instanceof Num x && b instanceof Num y) {
            divisor(y);
            return (x.isIntegral() && y.isIntegral())
                    ? integer(floorDivide(x.toInteger(), y.toInteger()))
                    : new Real(
                            Math.rint(
                                    (x.toDouble() - floorModulo(x.toDouble(), y.toDouble()))
                                            / y.toDouble()));
        }
        throw unsupported("//", a, b);
    }

    private static BigInteger floorDivide(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        return parts[1].signum() != 0 && parts[1].signum() != b.signum()
                ? parts[0].subtract(BigInteger.ONE)
                : parts[0];
    }

    /** Of numbers, with the sign of the divisor; of a text, C's formatting. */
    public static Value modulo(Value a, Value b, Budget budget) {
        if (a instanceof Num x && b instanceof Num y) {
            divisor(y);
            return (x.isIntegral() && y.isIntegral())
                    ? integer(
                            x.toInteger()
                                    .subtract(
                                            floorDivide(x.toInteger(), y.toInteger())
                                                    .multiply(y.toInteger())))
                    : new Real(floorModulo(x.toDouble(), y.toDouble()));
        }
        if (a instanceof Str format) {
            return new Str(Formatting.percent(format.chars(), b, budget));
        }
        throw unsupported("%", a, b);
    }

    private static double floorModulo(double a, double b) {
        double rest = a % b;
        return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }

    private static Num divisor(Num number) {
        if (!number.truthy()) {
            throw new EvaluationException("division by zero");
        }
        return number;
    }

    public static Value power(Value a, Value b) {
        if (!(a instanceof Num x) || !(b instanceof Num y)) {
            throw unsupported("** or pow()", a, b);
        }
        if (!x.isIntegral() || !y.isIntegral() || y.toInteger().signum() < 0) {
            return real(x, y);
        }
        BigInteger base = x.toInteger();
        if (base.bitLength() <= 1 && base.signum() >= 0) {
            return new Int(y.toInteger().signum() == 0 ? BigInteger.ONE : base);
        }
        int exponent = Slices.clamp(y.toInteger());
        if ((long) base.bitLength() * exponent > MAX_INT_BITS) {
            throw tooLarge();
        }
        return integer(base.pow(exponent));
    }

    private static Real real(Num base, Num exponent) {
        if (!base.truthy() && exponent.toDouble() < 0) {
            throw new EvaluationException("0.0 cannot be raised to a negative power");
        }
        double power = Math.pow(base.toDouble(), exponent.toDouble());
        if (Double.isNaN(power)) {
            throw new EvaluationException("a root of a negative number is not supported");
        }
        return new Real(power);
    }

    public static Value negate(Value a) {
        if (a instanceof Num x) {
            return x.isIntegral() ? integer(x.toInteger().negate()) : new Real(-x.toDouble());
        }
        throw unary("-", a);
    }

    public static Value plus(Value a) {
        if (a instanceof Num x) {
            return x.isIntegral() ? integer(x.toInteger()) : x;
        }
        throw unary("+", a);
    }

    private static EvaluationException unary(String operator, Value a) {
        return a instanceof Undefined undefined
                ? undefined.refuse()
                : new EvaluationException(
                        "bad operand type for unary " + operator + ": '" + a.type() + "'");
    }

    /** Python's {@code round(number, digits)}: halves go to the even digit. */
    public static Value round(Num number, int digits) {
        int scale = Math.max(-400, Math.min(400, digits));
        if (number.isFinite()) {
            BigDecimal rounded = number.exact().setScale(scale, RoundingMode.HALF_EVEN);
            return number.isIntegral()
                    ? integer(rounded.toBigInteger())
                    : new Real(rounded.doubleValue());
        }
        return number;
    }

    private static Int integer(BigInteger value) {
        if (value.bitLength() > MAX_INT_BITS) {
            throw tooLarge();
        }
        return new Int(value);
    }

    private static EvaluationException tooLarge() {
        return new EvaluationException("an integer has more than " + MAX_INT_BITS + " bits");
    }
}
