package io.hfx.scheduler.policy;

import java.util.random.RandomGenerator;

/**
 * One setting of a policy: what it may be, and where it is worth searching for a better value.
 *
 * @param key as in configuration, with its unit, for example {@code chunk_tokens}
 * @param meaning one line for documents and help
 * @param byDefault value where nothing is configured
 * @param least smallest allowed value
 * @param most largest allowed value
 * @param whole whether only whole numbers are allowed
 * @param searchLeast smallest value that tuning tries
 * @param searchMost largest value that tuning tries; equal to {@code searchLeast} where tuning
 *     leaves the default
 */
public record Setting(
        String key,
        String meaning,
        double byDefault,
        double least,
        double most,
        boolean whole,
        double searchLeast,
        double searchMost) {
    public Setting {
        boolean inside = least <= searchLeast && searchMost <= most;
        if (!(least <= byDefault && byDefault <= most && inside && searchLeast <= searchMost)) {
            throw new IllegalArgumentException("ranges of " + key + " do not hold each other");
        }
    }

    /** A setting that takes whole numbers; tuning leaves its default. */
    public static Setting whole(String key, int byDefault, int least, int most, String meaning) {
        return new Setting(key, meaning, byDefault, least, most, true, byDefault, byDefault);
    }

    /** A setting that takes any number; tuning leaves its default. */
    public static Setting number(
            String key, double byDefault, double least, double most, String meaning) {
        return new Setting(key, meaning, byDefault, least, most, false, byDefault, byDefault);
    }

    /** The same setting, which tuning searches from {@code from} to {@code to}. */
    public Setting searched(double from, double to) {
        return new Setting(key, meaning, byDefault, least, most, whole, from, to);
    }

    /** Whether tuning searches it. */
    public boolean isSearched() {
        return searchLeast < searchMost;
    }

    /**
     * A value to try: evenly over the logarithm of the range that is searched, or over the range
     * itself where it begins at 0. Ours.
     */
    public String draw(RandomGenerator random) {
        double share = random.nextDouble();
        double value =
                searchLeast > 0
                        ? searchLeast * Math.pow(searchMost / searchLeast, share)
                        : searchLeast + share * (searchMost - searchLeast);
        return text(whole ? Math.rint(value) : value);
    }

    /** A value as configuration writes it. */
    String text(double value) {
        return whole ? Long.toString((long) value) : Double.toString(value);
    }
}
