package io.hfx.scheduler.policy;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Settings of a policy, as text.
 *
 * @param values by key, for example {@code chunk_tokens}
 */
public record PolicyConfig(Map<String, String> values) {
    public static final PolicyConfig DEFAULTS = new PolicyConfig(Map.of());

    public PolicyConfig {
        values = Map.copyOf(values);
    }

    /**
     * A whole number.
     *
     * @throws IllegalArgumentException if it is not one, or outside {@code least} to {@code most}
     */
    public int intOf(String key, int byDefault, int least, int most) {
        return (int) doubleOf(key, byDefault, least, most, true);
    }

    /**
     * A number.
     *
     * @throws IllegalArgumentException if it is not one, or outside {@code least} to {@code most}
     */
    public double doubleOf(String key, double byDefault, double least, double most) {
        return doubleOf(key, byDefault, least, most, false);
    }

    /** Fails, naming the keys, if there is one that the policy does not know. */
    public PolicyConfig allow(String policy, String... known) {
        TreeSet<String> unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(Set.of(known));
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "policy "
                            + policy
                            + " does not know "
                            + unknown
                            + "; it knows "
                            + new TreeSet<>(Set.of(known)));
        }
        return this;
    }

    private double doubleOf(
            String key, double byDefault, double least, double most, boolean whole) {
        String text = values.get(key);
        if (text == null) {
            return byDefault;
        }
        double value;
        try {
            value = Double.parseDouble(text.trim());
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        if (!(value >= least && value <= most) || (whole && value != Math.rint(value))) {
            throw new IllegalArgumentException(
                    key
                            + " must be "
                            + (whole ? "a whole number " : "")
                            + text(least, whole)
                            + " to "
                            + text(most, whole)
                            + ", was "
                            + text);
        }
        return value;
    }

    private static String text(double value, boolean whole) {
        return whole ? Long.toString((long) value) : Double.toString(value);
    }
}
