package io.hfx.plugin.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which web pages of other origins may call this server: cross-origin resource sharing as the Fetch
 * standard has it. Answers never allow credentials (cookies); a key in {@code authorization} is a
 * plain header there. Marks an exchange, not a connection, so that pipelined requests of different
 * origins cannot be mixed up. Immutable.
 *
 * @param origins such as {@code https://example.org}, compared as text; {@code *} stands for all
 * @param methods that pages are told of; null for those of the path
 * @param requestHeaders that pages are told of; null for all
 */
public record Cors(Set<String> origins, @Nullable String methods, @Nullable String requestHeaders) {
    /** Pages of other origins may do nothing. */
    public static final Cors OFF = new Cors(Set.of());

    private static final String ANY = "*";
    private static final String EXPOSED =
            "x-request-id, retry-after, x-hfx-reason, x-hfx-slo-class, openai-processing-ms";

    /** A star does not stand for {@code authorization}, so that is named beside it. */
    private static final String REQUEST_HEADERS = "authorization, *";

    private static final String MAX_AGE_SECONDS = "600";

    /** All methods and headers, for pages of these origins. */
    public Cors(Set<String> origins) {
        this(origins, null, null);
    }

    public Cors {
        origins = Set.copyOf(origins);
    }

    /** Adds to the answer to come what lets an allowed page read it. */
    void mark(HttpExchange exchange) {
        if (origins.isEmpty()) {
            return;
        }
        boolean any = origins.contains(ANY);
        if (!any) {
            exchange.header("vary", "origin");
        }
        if (allows(exchange)) {
            String origin = exchange.headers().get(HttpHeaderNames.ORIGIN);
            exchange.header("access-control-allow-origin", any ? ANY : origin);
            exchange.header("access-control-expose-headers", EXPOSED);
        }
    }

    /** Answers the question that a browser asks before a request, if this is one. */
    void preflight(HttpExchange exchange, Set<String> ofPath) {
        if (allows(exchange)
                && exchange.headers().contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD)) {
            exchange.header(
                    "access-control-allow-methods",
                    methods == null ? String.join(", ", ofPath) : methods);
            exchange.header(
                    "access-control-allow-headers",
                    requestHeaders == null ? REQUEST_HEADERS : requestHeaders);
            exchange.header("access-control-max-age", MAX_AGE_SECONDS);
        }
    }

    private boolean allows(HttpExchange exchange) {
        String origin = exchange.headers().get(HttpHeaderNames.ORIGIN);
        return origin != null && (origins.contains(ANY) || origins.contains(origin));
    }
}
