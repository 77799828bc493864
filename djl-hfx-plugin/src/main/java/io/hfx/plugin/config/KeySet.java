package io.hfx.plugin.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The keys that have an effect in one scope, and what to say about all others. */
public final class KeySet {
    private static final Pattern SECRET =
            Pattern.compile("(api|access|auth)_?key|secret|token$|passw|credential");

    private final ConfigKey.Scope scope;
    private final Map<String, ConfigKey> keys = new LinkedHashMap<>();
    private final Map<String, ConfigKey> elsewhere = new LinkedHashMap<>();

    /**
     * @param all keys, those of other scopes too
     */
    KeySet(ConfigKey.Scope scope, List<ConfigKey> all) {
        this.scope = scope;
        for (ConfigKey key : all) {
            (key.scopes().contains(scope) ? keys : elsewhere).put(key.name(), key);
        }
    }

    /** All of them, in the order of the documentation. */
    public List<ConfigKey> all() {
        return List.copyOf(keys.values());
    }

    /** The key of that name. */
    public Optional<ConfigKey> find(String name) {
        return Optional.ofNullable(keys.get(name));
    }

    /** The key whose name is nearest (Levenshtein distance, ties by order). */
    public String nearest(String name) {
        return keys.keySet().stream()
                .min(Comparator.comparingInt(known -> distance(known, name)))
                .orElseThrow();
    }

    /**
     * Checks one entry.
     *
     * @param source where it stands, for messages
     * @return the value without blanks around it
     * @throws ConfigException if the key is not known here or the value not allowed
     */
    String check(String key, String value, String source) {
        String trimmed = value.strip();
        ConfigKey known = keys.get(key);
        if (known == null) {
            throw new ConfigException(source + ": " + reason(key, trimmed));
        }
        if (!known.accepts(trimmed)) {
            throw new ConfigException(
                    source + ": " + key + " must be " + known.allowed() + ", was " + trimmed);
        }
        return trimmed;
    }

    private String reason(String key, String value) {
        ConfigKey other = elsewhere.get(key);
        if (other == null) {
            return "unknown key "
                    + key
                    + shown(key, value)
                    + "; did you mean "
                    + nearest(key)
                    + "?";
        }
        List<String> labels = new ArrayList<>();
        other.scopes().stream().sorted().forEach(each -> labels.add(each.label()));
        return key
                + shown(key, value)
                + " has no effect here: it is a key of "
                + String.join(" and ", labels)
                + ", not of "
                + scope.label();
    }

    /** A value under a name that is not ours may be a secret that strayed here. */
    private static String shown(String key, String value) {
        return SECRET.matcher(key).find() ? "" : " (value " + value + ")";
    }

    /** Fewest single-character insertions, deletions and replacements from one to the other. */
    static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
