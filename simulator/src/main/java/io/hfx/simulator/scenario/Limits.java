package io.hfx.simulator.scenario;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Checks of fields; the message names the field and what is allowed. */
final class Limits {
    private Limits() {}

    /** A field that a file sets to null, or leaves out where it has no default. */
    static <T> T given(String field, @Nullable T value) {
        if (value == null) {
            throw new ScenarioException(field + " must be given");
        }
        return value;
    }

    static double number(String field, double value, double least, double most) {
        if (!(value >= least && value <= most)) {
            throw new ScenarioException(
                    field + " must be " + text(least) + " to " + text(most) + ", was " + value);
        }
        return value;
    }

    static int count(String field, int value, int least, int most) {
        if (value < least || value > most) {
            throw new ScenarioException(
                    field + " must be " + least + " to " + most + ", was " + value);
        }
        return value;
    }

    private static String text(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
