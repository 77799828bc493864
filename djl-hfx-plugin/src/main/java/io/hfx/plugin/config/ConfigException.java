package io.hfx.plugin.config;

/**
 * A configuration that cannot be used; the message names the file, the field and what is allowed.
 */
public final class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }
}
