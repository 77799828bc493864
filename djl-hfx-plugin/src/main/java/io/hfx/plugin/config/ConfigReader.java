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
    private final KeySet keys;
    private final Map<String, String> values = new HashMap<>();

    /** For the standalone server. */
    public ConfigReader() {
        this(ConfigKeys.STANDALONE);
    }

    ConfigReader(KeySet keys) {
        this.keys = keys;
    }

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
     * Reads the environment of a standalone server.
     *
     * @throws ConfigException if a key or value is not allowed
     */
    public ConfigReader environment(Map<String, String> environment) {
        new TreeMap<>(environment)
                .forEach(
                        (variable, value) -> {
                            String key = variable.toLowerCase(Locale.ROOT);
                            boolean ours = keys.find(key).isPresent();
                            boolean serviceLink = value.startsWith("tcp://");
                            if (variable.startsWith("HFX_") && ours && !serviceLink) {
                                put(key, value, "environment variable " + variable);
                            }
                        });
        return servingEnvironment(environment);
    }

    /**
     * Reads the variables of which DJL Serving makes keys of its configuration.
     *
     * @throws ConfigException if a key or value is not allowed
     */
    ConfigReader servingEnvironment(Map<String, String> environment) {
        new TreeMap<>(environment)
                .forEach(
                        (variable, value) -> {
                            if (variable.startsWith("SERVING_HFX_")) {
                                String key =
                                        variable.substring("SERVING_".length())
                                                .toLowerCase(Locale.ROOT);
                                put(key, value, "environment variable " + variable);
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
        values.put(key, keys.check(key, value, source));
    }

    /**
     * The configuration from what was collected.
     *
     * @throws ConfigException if a required key is missing or the file of the classes is wrong
     */
    public ServerConfig read() {
        return ServerConfig.from(this::text);
    }

    /** Text of a key's value, the default where none was given; empty for none. */
    String text(String key) {
        String value = values.get(key);
        return value != null ? value : keys.find(key).orElseThrow().byDefault();
    }
}
