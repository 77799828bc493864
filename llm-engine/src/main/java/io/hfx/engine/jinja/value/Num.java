package io.hfx.engine.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;

/** A number; Python's booleans are numbers too. Equal numbers of any kind are equal. */
public sealed interface Num extends Value permits Int, Real, Bool {
    /** As a double, rounded. */
    double toDouble();

    /** Whether it is an int or a bool. */
    boolean isIntegral();

    /** The integer, cut towards zero. */
    BigInteger toInteger();

    /** The number as it is; only of finite ones. */
    BigDecimal exact();

    /** Whether it is neither infinite nor NaN. */
    default boolean isFinite() {
        return isIntegral() || Double.isFinite(toDouble());
    }

    /** {@code ==} of numbers. */
    static boolean same(Num a, Num b) {
        return (a.isFinite() && b.isFinite())
                ? a.exact().compareTo(b.exact()) == 0
                : a.toDouble() == b.toDouble();
    }

    /** Equal for equal numbers. */
    static int hash(Num number) {
        return Double.hashCode(number.toDouble() + 0.0);
    }
}
