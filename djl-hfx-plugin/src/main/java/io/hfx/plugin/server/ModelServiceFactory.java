package io.hfx.plugin.server;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.service.ModelService;
import java.io.IOException;

/** Makes the service of the model that a configuration names. */
@FunctionalInterface
public interface ModelServiceFactory {
    /**
     * Loads the model and starts its workers; returns when requests can be submitted.
     *
     * @throws IOException if a file cannot be read
     * @throws ConfigException if the configuration does not fit the model
     */
    ModelService start(ServerConfig config) throws IOException;
}
