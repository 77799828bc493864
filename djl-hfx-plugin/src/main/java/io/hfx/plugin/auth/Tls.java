package io.hfx.plugin.auth;

import io.hfx.plugin.config.Access;
import io.hfx.plugin.config.ConfigException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import javax.net.ssl.SSLException;

/** TLS from PEM files, by the JDK's own implementation; versions 1.2 and 1.3. */
public final class Tls {
    private Tls() {}

    /**
     * Reads certificate and key.
     *
     * @throws ConfigException if a file cannot be read or used, or others may read the key
     */
    public static SslContext read(Access.Tls files) {
        PrivateFile.check(files.key());
        try {
            return SslContextBuilder.forServer(files.certificate().toFile(), files.key().toFile())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (SSLException | IllegalArgumentException e) {
            throw new ConfigException(
                    "hfx_tls_certificate "
                            + files.certificate()
                            + " and hfx_tls_key "
                            + files.key()
                            + " cannot be used; the key must be PKCS#8 in PEM, not encrypted"
                            + " (openssl pkcs8 -topk8 -nocrypt): "
                            + cause(e));
        }
    }

    /** The class says enough; a message might quote the key. */
    private static String cause(Exception e) {
        Throwable root = e.getCause() == null ? e : e.getCause();
        return root.getClass().getSimpleName();
    }
}
