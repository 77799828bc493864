package io.hfx.simulator.workload;

/** Numbers of options and trace fields, with one message for what is not one. */
final class Numbers {
    private Numbers() {}

    /** A finite number above 0. */
    static double positive(String what, String text) {
        double value = number(what, text);
        if (!(value > 0)) {
            throw new WorkloadException(what + " must be above 0, was " + text);
        }
        return value;
    }

    /** A finite number of at least 0. */
    static double notNegative(String what, String text) {
        double value = number(what, text);
        if (!(value >= 0)) {
            throw new WorkloadException(what + " must be at least 0, was " + text);
        }
        return value;
    }

    /** A count of tokens, at least 0. */
    static int tokens(String what, String text) {
        try {
            int tokens = Integer.parseInt(text.strip());
            if (tokens >= 0) {
                return tokens;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message
        }
        throw new WorkloadException(
                what + " must be a whole number of at least 0, was '" + text + "'");
    }

    private static double number(String what, String text) {
        try {
            double value = Double.parseDouble(text.strip());
            if (!Double.isNaN(value) && !Double.isInfinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // falls through to the one message
        }
        throw new WorkloadException(what + " must be a number, was '" + text + "'");
    }
}
