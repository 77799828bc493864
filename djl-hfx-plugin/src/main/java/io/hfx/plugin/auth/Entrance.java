package io.hfx.plugin.auth;

import io.hfx.plugin.config.Access;
import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.SloClasses;
import io.hfx.plugin.http.Caller;
import io.hfx.plugin.http.Gate;
import io.netty.handler.ssl.SslContext;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a configuration says of who may come in, read and checked: gate and TLS of a listener. */
public final class Entrance {
    private static final Logger LOG = LoggerFactory.getLogger(Entrance.class);

    private final @Nullable Reloaded<AccessKeys> keys;
    private final @Nullable Reloaded<SslContext> tls;
    private final Gate gate;

    /**
     * Reads keys and certificate.
     *
     * @param hostKey that names the host, for messages
     * @param host that the server will listen on
     * @param classes that keys may name
     * @throws ConfigException if a file cannot be used, or the address would be open to anybody
     */
    public Entrance(Access access, String hostKey, String host, SloClasses classes) {
        Path keysFile = access.keysFile();
        this.keys =
                keysFile == null
                        ? null
                        : new Reloaded<>(
                                List.of(keysFile),
                                () ->
                                        AccessKeys.read(keysFile)
                                                .checked(classes, keysFile.toString()));
        Access.Tls files = access.tls();
        this.tls =
                files == null
                        ? null
                        : new Reloaded<>(
                                List.of(files.certificate(), files.key()), () -> Tls.read(files));
        boolean local = isLoopback(hostKey, host);
        if (keys != null) {
            gate = new KeyGate(keys, access.trustClientSlo());
            if (tls == null && !local) {
                LOG.warn("keys travel to {} unencrypted: set hfx_tls_certificate", host);
            }
        } else if (access.insecure()) {
            gate = head -> Caller.ANYBODY;
            LOG.warn("hfx_insecure: whoever reaches {} may use and watch this server", host);
        } else if (local) {
            gate = new HostGate(host);
        } else {
            throw new ConfigException(
                    hostKey
                            + " "
                            + host
                            + " can be reached from other machines: set hfx_keys_file, or"
                            + " hfx_insecure=true to serve anybody");
        }
    }

    private static boolean isLoopback(String hostKey, String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new ConfigException(hostKey + " " + host + " is not known here");
        }
    }

    /** Whether callers must have a key. */
    public boolean asksForKeys() {
        return keys != null;
    }

    /** Asked about every request. */
    public Gate gate() {
        return gate;
    }

    /** What new connections speak; null for plain HTTP. */
    public @Nullable Supplier<SslContext> tls() {
        return tls;
    }

    /** Reads the files again where they changed. Blocks on the disk; one thread at a time. */
    public void refresh() {
        if (keys != null) {
            keys.refresh();
        }
        if (tls != null) {
            tls.refresh();
        }
    }
}
