package io.hfx.plugin.config;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the plugin is told in DJL Serving's own configuration; made of the keys of {@link
 * ConfigKeys#IN_DJL_SERVING}.
 *
 * @param sloClasses that clients may name
 * @param bestEffortShare of a model's workers, guaranteed to requests without objective; 0 to 0.5
 * @param deadlineMargin share of the time to a deadline that batches are planned with; 0.1 to 1
 * @param values of all keys as text, paths absolute
 */
public record PluginConfig(
        SloClasses sloClasses,
        double bestEffortShare,
        double deadlineMargin,
        Map<String, String> values) {
    public PluginConfig {
        values = Map.copyOf(values);
    }

    /**
     * Reads what DJL Serving reads: the file, then {@code SERVING_HFX_*} variables, which win.
     *
     * @param file {@code config.properties}; null where the server was started without
     * @param home of the server, where relative paths start
     * @throws ConfigException that names the place, the key, the value and what is allowed
     */
    public static PluginConfig read(
            @Nullable Path file, Map<String, String> environment, Path home) {
        ConfigReader reader = new ConfigReader(ConfigKeys.IN_DJL_SERVING);
        if (file != null) {
            reader.file(file);
        }
        reader.servingEnvironment(environment);
        Map<String, String> values = new HashMap<>();
        for (ConfigKey key : ConfigKeys.IN_DJL_SERVING.all()) {
            String text = reader.text(key.name());
            boolean path = key.type() == ConfigKey.Type.PATH && !text.isEmpty();
            values.put(key.name(), path ? home.resolve(text).toString() : text);
        }
        String classes = reader.text("hfx_slo_classes");
        return new PluginConfig(
                classes.isEmpty() ? SloClasses.NONE : SloClasses.read(home.resolve(classes)),
                Double.parseDouble(reader.text("hfx_best_effort_share")),
                Double.parseDouble(reader.text("hfx_deadline_margin")),
                values);
    }

    /** Text of a key's value; the default of one that has no effect in DJL Serving. */
    public String text(String key) {
        String value = values.get(key);
        return value != null ? value : ConfigKeys.find(key).orElseThrow().byDefault();
    }
}
