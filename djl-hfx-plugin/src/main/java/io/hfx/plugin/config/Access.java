package io.hfx.plugin.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Who may reach the server, and how.
 *
 * @param keysFile of the clients' keys; null where nobody is asked for one
 * @param trustClientSlo whether a key may state tighter objectives than its classes have
 * @param tls null for plain HTTP
 * @param insecure whether the operator takes the risk of an open address without keys
 */
public record Access(
        @Nullable Path keysFile, boolean trustClientSlo, @Nullable Tls tls, boolean insecure) {
    /**
     * Files of TLS, both PEM.
     *
     * @param certificate the chain, the server's own first
     * @param key PKCS#8, not encrypted
     */
    public record Tls(Path certificate, Path key) {}
}
