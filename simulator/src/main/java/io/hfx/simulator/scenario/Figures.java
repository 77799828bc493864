package io.hfx.simulator.scenario;

import java.math.BigDecimal;
import java.math.MathContext;

/** Figures as files show them. */
public final class Figures {
    private static final MathContext DIGITS = new MathContext(5);

    private Figures() {}

    /** Five significant digits: more than any run is good for. */
    public static double rounded(double value) {
        return Double.isFinite(value) ? new BigDecimal(value).round(DIGITS).doubleValue() : 0;
    }
}
