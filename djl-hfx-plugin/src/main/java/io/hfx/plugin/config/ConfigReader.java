package io.hfx.plugin.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Collects the values of the keys. A later source wins: defaults, properties file, environment
 * ({@code HFX_PORT}, then {@code SERVING_HFX_PORT}), command line.
 *
 * <p>In a file, keys that do not begin with {@code hfx} are left to DJL Serving. In the environment
 * only {@code SERVING_HFX_*} names must be known: {@code HFX_*} is also what container platforms
 * make of a service called hfx.
 */
public final class ConfigReader {
    private static final Pattern SECRET =
            Pattern.compile("(api|access|auth)_?key|secret|token$|passw|credential");

    private final Map<String, Setting> settings = new HashMap<>();

    /** A value and where it stands, for messages. */
    private record Setting(String value, String source) {}

    /**
     * Reads a properties file.
     *
     * @throws ConfigException if it cannot be read, or a key or value is not allowed
     */
    public ConfigReader file(Path file) {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(file + ": cannot be read: " + e);
        }
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (key.startsWith("hfx")) {
                put(key, properties.getProperty(key), file.toString());
            }
        }
        return this;
    }

    /**
     * Reads the environment.
     *
     * @throws ConfigException if a key or value is not allowed
     */
    public ConfigReader environment(Map<String, String> environment) {
        Map<String, String> sorted = new TreeMap<>(environment);
        sorted.forEach(
                (variable, value) -> {
                    String key = variable.toLowerCase(Locale.ROOT);
                    boolean ours = ConfigKeys.find(key).isPresent();
                    boolean serviceLink = value.startsWith("tcp://");
                    if (variable.startsWith("HFX_") && ours && !serviceLink) {
                        put(key, value, "environment variable " + variable);
                    }
                });
        sorted.forEach(
                (variable, value) -> {
                    if (variable.startsWith("SERVING_HFX_")) {
                        String key = variable.substring("SERVING_".length());
                        put(
                                key.toLowerCase(Locale.ROOT),
                                value,
                                "environment variable " + variable);
                    }
                });
        return this;
    }

    /**
     * Takes one command-line option; null means that it was not given.
     *
     * @throws ConfigException if the value is not allowed
     */
    public ConfigReader option(String key, @Nullable Object value) {
        if (value != null) {
            put(key, value.toString(), "command line");
        }
        return this;
    }

    private void put(String key, String value, String source) {
        String trimmed = value.strip();
        ConfigKey known =
                ConfigKeys.find(key)
                        .orElseThrow(
                                () ->
                                        new ConfigException(
                                                source
                                                        + ": unknown key "
                                                        + key
                                                        + shown(key, trimmed)
                                                        + "; did you mean "
                                                        + ConfigKeys.nearest(key)
                                                        + "?"));
        if (!known.accepts(trimmed)) {
            throw new ConfigException(
                    source + ": " + key + " must be " + known.allowed() + ", was " + trimmed);
        }
        settings.put(key, new Setting(trimmed, source));
    }

    /** A value under a name that is not ours may be a secret that strayed here. */
    private static String shown(String key, String value) {
        return SECRET.matcher(key).find() ? "" : " (value " + value + ")";
    }

    /**
     * The configuration from what was collected.
     *
     * @throws ConfigException if a required key is missing or the file of the classes is wrong
     */
    public ServerConfig read() {
        return ServerConfig.from(this::text);
    }

    private String text(String key) {
        Setting setting = settings.get(key);
        return setting != null ? setting.value() : ConfigKeys.find(key).orElseThrow().byDefault();
    }
}
