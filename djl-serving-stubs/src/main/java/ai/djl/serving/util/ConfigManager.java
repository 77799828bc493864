package ai.djl.serving.util;

import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.security.GeneralSecurityException;

/** Signatures only. */
public final class ConfigManager {
    private ConfigManager() {}

    public static ConfigManager getInstance() {
        throw new UnsupportedOperationException("stub");
    }

    public boolean allowsMultiStatus() {
        throw new UnsupportedOperationException("stub");
    }

    public static String getModelServerHome() {
        throw new UnsupportedOperationException("stub");
    }

    public String getProperty(String key, String def) {
        throw new UnsupportedOperationException("stub");
    }

    public Connector getConnector(Connector.ConnectorType type) {
        throw new UnsupportedOperationException("stub");
    }

    public String getCorsAllowedOrigin() {
        throw new UnsupportedOperationException("stub");
    }

    public String getCorsAllowedMethods() {
        throw new UnsupportedOperationException("stub");
    }

    public String getCorsAllowedHeaders() {
        throw new UnsupportedOperationException("stub");
    }

    public SslContext getSslContext() throws IOException, GeneralSecurityException {
        throw new UnsupportedOperationException("stub");
    }

    public int getMaxRequestSize() {
        throw new UnsupportedOperationException("stub");
    }
}
