package io.hfx.engine.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Python's {@code True} and {@code False}, which are the numbers 1 and 0.
 *
 * @param value which of the two
 */
public record Bool(boolean value) implements Num {
    public static final Bool TRUE = new Bool(true);
    public static final Bool FALSE = new Bool(false);

    /** One of the two. */
    public static Bool of(boolean value) {
        return value ? TRUE : FALSE;
    }

    @Override
    public double toDouble() {
        return value ? 1 : 0;
    }

    @Override
    public boolean isIntegral() {
        return true;
    }

    @Override
    public BigInteger toInteger() {
        return value ? BigInteger.ONE : BigInteger.ZERO;
    }

    @Override
    public BigDecimal exact() {
        return new BigDecimal(toInteger());
    }

    @Override
    public boolean truthy() {
        return value;
    }

    @Override
    public String text() {
        return value ? "True" : "False";
    }

    @Override
    public String type() {
        return "bool";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Num n && Num.same(this, n);
    }

    @Override
    public int hashCode() {
        return Num.hash(this);
    }
}
