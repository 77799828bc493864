package io.hfx.plugin.config;

import java.math.BigDecimal;
import java.util.function.UnaryOperator;

/**
 * Bounds of the HTTP listener.
 *
 * @param connections open at once; one more is answered 503 and closed
 * @param headerBytes of one request's header lines (431 beyond)
 * @param bodyBytes of one request's body (413 beyond)
 * @param bufferedBytes of all bodies that no parser has taken yet (503 beyond)
 * @param readNanos from a TLS connection's begin to the end of its handshake, and from a request's
 *     first byte to its last (408 beyond)
 * @param writeNanos that a client may take no byte of an answer before it is cut off
 * @param idleNanos an open connection without a request is kept
 * @param streamBufferBytes that a slow reader may leave unread in the server before it is cut off
 * @param threads of the event loops
 */
public record HttpLimits(
        int connections,
        int headerBytes,
        int bodyBytes,
        long bufferedBytes,
        long readNanos,
        long writeNanos,
        long idleNanos,
        int streamBufferBytes,
        int threads) {
    /** Reads them from the checked text of every key. */
    public static HttpLimits of(UnaryOperator<String> text) {
        return new HttpLimits(
                ServerConfig.number(text, "hfx_max_connections"),
                ServerConfig.number(text, "hfx_max_header_bytes"),
                ServerConfig.number(text, "hfx_max_body_bytes"),
                new BigDecimal(text.apply("hfx_max_buffered_bytes")).longValueExact(),
                ServerConfig.nanos(text, "hfx_read_timeout_seconds"),
                ServerConfig.nanos(text, "hfx_write_timeout_seconds"),
                ServerConfig.nanos(text, "hfx_idle_timeout_seconds"),
                ServerConfig.number(text, "hfx_stream_buffer_bytes"),
                ServerConfig.number(text, "hfx_http_threads"));
    }

    /** The same with another bound of one body. */
    public HttpLimits withBodyBytes(int bytes) {
        return new HttpLimits(
                connections,
                headerBytes,
                bytes,
                Math.max(bufferedBytes, bytes),
                readNanos,
                writeNanos,
                idleNanos,
                streamBufferBytes,
                threads);
    }
}
