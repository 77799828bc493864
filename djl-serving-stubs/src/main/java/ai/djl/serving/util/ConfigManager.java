package ai.djl.serving.util;

/** Signatures only. */
public final class ConfigManager {
    private ConfigManager() {}

    public static ConfigManager getInstance() {
        throw new UnsupportedOperationException("stub");
    }

    public static String getModelServerHome() {
        throw new UnsupportedOperationException("stub");
    }

    public String getProperty(String key, String def) {
        throw new UnsupportedOperationException("stub");
    }
}
