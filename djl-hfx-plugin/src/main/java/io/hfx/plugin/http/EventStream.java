package io.hfx.plugin.http;

/**
 * A streamed answer in the format of server-sent events. Belongs to its exchange's thread. A reader
 * that falls too far behind is cut off, which the exchange's {@code onDisconnect} hears.
 */
public interface EventStream {
    /** Writes one event; {@link #flush} sends it. The data must hold no line break. */
    void event(String data);

    /** Sends what was written, and cuts a reader off that is too far behind. */
    void flush();

    /** Completes the answer. */
    void end();
}
