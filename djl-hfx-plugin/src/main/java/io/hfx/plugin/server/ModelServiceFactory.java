package io.hfx.plugin.server;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.service.ModelService;
import io.hfx.plugin.weights.WeightStatus;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Makes the service of the model that a configuration names. */
@FunctionalInterface
public interface ModelServiceFactory {
    /**
     * Finds what is wrong with a configuration before anything is loaded; quick.
     *
     * @throws ConfigException that names the key
     */
    default void check(ServerConfig config) {}

    /** How the model got its weights, or gets them; null where that is not known. */
    default @Nullable WeightStatus weights() {
        return null;
    }

    /**
     * Loads the model and starts its workers; returns when requests can be submitted.
     *
     * @throws IOException if a file cannot be read
     * @throws ConfigException if the model cannot be used as configured
     */
    ModelService start(ServerConfig config) throws IOException;
}
