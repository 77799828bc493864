package io.hfx.plugin.config;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds the keys of the plugin among a model's properties, and checks them. */
final class ServingProperties {
    private final String engine;
    private final Path file;
    private final Properties own;

    /**
     * @param file {@code serving.properties} of the model; need not exist
     */
    ServingProperties(String engine, Path file) {
        this.engine = engine;
        this.file = file;
        this.own = read(file);
    }

    /**
     * The values that are given, by key.
     *
     * @param all the model's properties as DJL Serving has them, from its file and the environment
     * @throws ConfigException if one is not allowed
     */
    Map<String, String> checked(Properties all) {
        KeySet keys = ModelKeys.of(engine);
        Map<String, String> values = new TreeMap<>();
        for (String key : new TreeSet<>(all.stringPropertyNames())) {
            if (isOurs(key, keys)) {
                values.put(key, keys.check(key, all.getProperty(key), source(key)));
            }
        }
        return values;
    }

    /**
     * An {@code OPTION_*} variable is meant for the models of every engine, so that one which the
     * engine HFX does not know is no mistake.
     */
    private boolean isOurs(String key, KeySet keys) {
        if (key.startsWith("hfx")) {
            return true;
        }
        return key.startsWith(ModelKeys.OPTION)
                && engine.equals(ModelKeys.ENGINE)
                && !ModelKeys.isOfDjl(key)
                && (own.containsKey(key) || keys.find(key).isPresent());
    }

    /** Where a key stands, for messages. */
    String source(String key) {
        if (own.containsKey(key) || !key.startsWith(ModelKeys.OPTION)) {
            return file.toString();
        }
        String name = key.substring(ModelKeys.OPTION.length());
        return "environment variable OPTION_" + name.toUpperCase(Locale.ROOT);
    }

    private static Properties read(Path file) {
        Properties properties = new Properties();
        if (Files.isRegularFile(file)) {
            try (Reader in = Files.newBufferedReader(file)) {
                properties.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new ConfigException(file + ": cannot be read: " + e);
            }
        }
        return properties;
    }
}
