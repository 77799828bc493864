package io.hfx.plugin.service;

import io.hfx.plugin.weights.WeightStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The token-level models that are served now, by name. Thread-safe. */
public interface ModelDirectory {
    /** Names of all models, in the order in which they came. */
    List<String> names();

    /** The service of that model, or null where no such model is served. */
    @Nullable ModelService find(String name);

    /** How that model got its weights, or null where that is not known here. */
    default @Nullable WeightStatus weights(String name) {
        return null;
    }
}
