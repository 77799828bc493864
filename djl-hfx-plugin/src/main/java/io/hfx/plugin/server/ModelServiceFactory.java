package io.hfx.plugin.server;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.service.ModelService;
import java.io.IOException;

/** Makes the service of the model that a configuration names. */
@FunctionalInterface
public interface ModelServiceFactory {
    /**
     * Finds what is wrong with a configuration before anything is loaded; quick.
     *
     * @throws ConfigException that names the key
     */
    default void check(ServerConfig config) {}

    /**
     * Loads the model and starts its workers; returns when requests can be submitted.
     *
     * @throws IOException if a file cannot be read
     * @throws ConfigException if the model cannot be used as configured
     */
    ModelService start(ServerConfig config) throws IOException;
}
