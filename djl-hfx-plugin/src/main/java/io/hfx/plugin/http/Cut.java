package io.hfx.plugin.http;

import java.util.Locale;

/** Why the server ended a connection that the client would have kept. */
public enum Cut {
    /** Too many bytes of a stream lay unread. */
    SLOW_READER,
    /** The client took no byte of an answer for too long. */
    STALLED_READER,
    /** A request was not complete in time. */
    SLOW_REQUEST,
    /** Too many requests were sent ahead of their answers. */
    PIPELINE_FULL,
    /** The bodies of all connections together were too large. */
    BODIES_FULL,
    /** The gate did not admit a request. */
    DENIED,
    /** The client and the server found no common TLS, or the client spoke none. */
    TLS_FAILED;

    /** As metrics and logs show it. */
    public String reason() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Hears of every cut, on an event loop; must not block. */
    @FunctionalInterface
    public interface Listener {
        void cut(Cut why);
    }
}
