package io.hfx.plugin.http;

import io.netty.handler.ssl.SslContext;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind a listener.
 *
 * @param router of the requests that the gate admits
 * @param gate asked about every request's head
 * @param tls what new connections speak; null for plain HTTP
 * @param cuts hears of connections that the server ends
 */
public record HttpFront(
        Router router, Gate gate, @Nullable Supplier<SslContext> tls, Cut.Listener cuts) {}
