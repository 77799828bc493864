package io.hfx.engine.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;

/** An integer of any size. */
public record Int(BigInteger value) implements Num {
    /** An integer. */
    public static Int of(long value) {
        return new Int(BigInteger.valueOf(value));
    }

    @Override
    public double toDouble() {
        return value.doubleValue();
    }

    @Override
    public boolean isIntegral() {
        return true;
    }

    @Override
    public BigInteger toInteger() {
        return value;
    }

    @Override
    public BigDecimal exact() {
        return new BigDecimal(value);
    }

    @Override
    public boolean truthy() {
        return value.signum() != 0;
    }

    @Override
    public String text() {
        return value.toString();
    }

    @Override
    public String type() {
        return "int";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Int i
                ? value.equals(i.value)
                : other instanceof Num n && Num.same(this, n);
    }

    @Override
    public int hashCode() {
        return Num.hash(this);
    }
}
