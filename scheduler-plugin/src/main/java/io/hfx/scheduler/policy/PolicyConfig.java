package io.hfx.scheduler.policy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * Settings of a policy, as text.
 *
 * @param values by {@link Setting#key()}
 */
public record PolicyConfig(Map<String, String> values) {
    public static final PolicyConfig DEFAULTS = new PolicyConfig(Map.of());

    public PolicyConfig {
        values = Map.copyOf(values);
    }

    /** Every setting that tuning searches, drawn from where it searches; the others as they are. */
    public static PolicyConfig drawn(Policy policy, RandomGenerator random) {
        Map<String, String> values = new TreeMap<>();
        for (Setting setting : policy.settings()) {
            if (setting.isSearched()) {
                values.put(setting.key(), setting.draw(random));
            }
        }
        return new PolicyConfig(values);
    }

    /**
     * A whole number.
     *
     * @throws IllegalArgumentException if it is not one, or out of its range
     */
    public int intOf(Setting setting) {
        return (int) doubleOf(setting);
    }

    /**
     * A number.
     *
     * @throws IllegalArgumentException if it is not one, or out of its range
     */
    public double doubleOf(Setting setting) {
        String text = values.get(setting.key());
        if (text == null) {
            return setting.byDefault();
        }
        double value;
        try {
            value = Double.parseDouble(text.trim());
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        boolean inside = value >= setting.least() && value <= setting.most();
        if (!inside || (setting.whole() && value != Math.rint(value))) {
            throw new IllegalArgumentException(
                    setting.key()
                            + " must be "
                            + (setting.whole() ? "a whole number " : "")
                            + setting.text(setting.least())
                            + " to "
                            + setting.text(setting.most())
                            + ", was "
                            + text);
        }
        return value;
    }

    /** A duration, from a setting in milliseconds. */
    public long nanosOf(Setting millis) {
        return Math.round(doubleOf(millis) * 1e6);
    }

    /** Whether a setting of 0 or 1 is 1. */
    public boolean isOn(Setting setting) {
        return intOf(setting) != 0;
    }

    /** Fails if there is a key that the policy does not know, or a value out of its range. */
    public PolicyConfig allow(Policy policy) {
        List<Setting> settings = policy.settings();
        TreeSet<String> known = new TreeSet<>();
        settings.forEach(s -> known.add(s.key()));
        TreeSet<String> unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "policy "
                            + policy.name()
                            + " does not know "
                            + unknown
                            + "; it knows "
                            + known);
        }
        settings.forEach(this::doubleOf);
        return this;
    }
}
