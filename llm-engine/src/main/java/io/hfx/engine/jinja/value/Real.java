package io.hfx.engine.jinja.value;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** A double. */
public record Real(double value) implements Num {
    private static final int MAX_DIGITS = 17;

    @Override
    public double toDouble() {
        return value;
    }

    @Override
    public boolean isIntegral() {
        return false;
    }

    @Override
    public BigInteger toInteger() {
        if (!Double.isFinite(value)) {
            throw new EvaluationException("cannot convert float " + text() + " to integer");
        }
        return new BigDecimal(value).toBigInteger();
    }

    @Override
    public BigDecimal exact() {
        return new BigDecimal(value);
    }

    @Override
    public boolean truthy() {
        return value != 0;
    }

    /** The fewest digits that name this double; an exponent below 1e-4 and from 1e16 on. */
    @Override
    public String text() {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == 0) {
            return 1 / value > 0 ? "0.0" : "-0.0";
        }
        BigDecimal shortest = shortest().stripTrailingZeros();
        int exponent = shortest.precision() - shortest.scale() - 1;
        if (exponent >= -4 && exponent < 16) {
            return shortest.setScale(Math.max(1, shortest.scale()), RoundingMode.UNNECESSARY)
                    .toPlainString();
        }
        String digits = shortest.unscaledValue().abs().toString();
        String mantissa =
                digits.length() == 1 ? digits : digits.charAt(0) + "." + digits.substring(1);
        String sign = value < 0 ? "-" : "";
        int size = Math.abs(exponent);
        return sign + mantissa + (exponent < 0 ? "e-" : "e+") + (size < 10 ? "0" : "") + size;
    }

    private BigDecimal shortest() {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < MAX_DIGITS; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (rounded.doubleValue() == value) {
                return rounded;
            }
        }
        return exact.round(new MathContext(MAX_DIGITS, RoundingMode.HALF_EVEN));
    }

    @Override
    public String type() {
        return "float";
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
