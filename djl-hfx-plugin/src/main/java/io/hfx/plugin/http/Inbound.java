package io.hfx.plugin.http;

import io.netty.handler.codec.http.HttpRequest;

/** What a connection's {@link RequestReader} hands on, in the order of the requests. */
sealed interface Inbound {
    /**
     * A whole request; its body's bytes are taken from the budget.
     *
     * @param readAtNanos {@link System#nanoTime()} when its last byte was read
     */
    record Whole(HttpRequest head, byte[] body, Caller caller, long readAtNanos)
            implements Inbound {}

    /** A request that will not be served; nothing follows on this connection. */
    record Refused(ApiError error) implements Inbound {}
}
