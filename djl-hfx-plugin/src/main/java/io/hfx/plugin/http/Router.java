package io.hfx.plugin.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the handler of a method and path. A path that ends in {@code /*} stands for everything
 * below it; exact paths go first. HEAD is answered by GET's handler, whose body the codec leaves
 * out; OPTIONS with the methods, and to browsers with what {@link Cors} says. Filled before it is
 * used, then read by any thread.
 */
public final class Router {
    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    private static final Pattern ABSOLUTE = Pattern.compile("^(?i:https?)://[^/?#]*");

    private final Map<String, Map<String, HttpHandler>> exact = new LinkedHashMap<>();
    private final Map<String, Map<String, HttpHandler>> below = new LinkedHashMap<>();
    private final Cors cors;

    /**
     * @param cors what pages of other origins may do
     */
    public Router(Cors cors) {
        this.cors = cors;
    }

    /** Adds a route; one of GET also answers HEAD. */
    public Router on(String method, String path, HttpHandler handler) {
        if (method.equals("GET")) {
            on("HEAD", path, handler);
        }
        boolean prefix = path.endsWith("/*");
        String key = prefix ? path.substring(0, path.length() - 1) : path;
        (prefix ? below : exact).computeIfAbsent(key, k -> new TreeMap<>()).put(method, handler);
        return this;
    }

    /** Whether some method of the path is routed: for a host that asks before it hands over. */
    public boolean knows(String path) {
        return methods(path).isPresent();
    }

    /** Hands the exchange to its handler, or answers 400, 404 or 405. */
    public void dispatch(HttpExchange exchange) {
        cors.mark(exchange);
        try {
            handler(exchange).handle(exchange);
        } catch (ApiException e) {
            exchange.fail(e.error());
        } catch (RuntimeException e) {
            LOG.error("request {} failed", exchange.requestId(), e);
            exchange.fail(ApiError.server("The server had an error while handling the request"));
        }
    }

    /** Answers a request that was refused before it could be routed. */
    public void refuse(HttpExchange exchange, ApiError error) {
        cors.mark(exchange);
        exchange.fail(error);
    }

    private HttpHandler handler(HttpExchange exchange) {
        String path = path(exchange.uri());
        Map<String, HttpHandler> methods =
                methods(path)
                        .orElseThrow(
                                () ->
                                        ApiError.invalid(
                                                        404,
                                                        null,
                                                        "unknown_url",
                                                        "Unknown path " + shorten(path))
                                                .asException());
        String method = exchange.method();
        if (method.equals("OPTIONS")) {
            return asked -> options(asked, methods);
        }
        HttpHandler handler = methods.get(method);
        if (handler == null) {
            exchange.header("allow", allow(methods));
            throw ApiError.invalid(
                            405,
                            null,
                            "method_not_allowed",
                            "Method of "
                                    + shorten(path)
                                    + " must be "
                                    + String.join(" or ", methods.keySet()))
                    .asException();
        }
        return handler;
    }

    private void options(HttpExchange exchange, Map<String, HttpHandler> methods) {
        exchange.header("allow", allow(methods));
        cors.preflight(exchange, methods.keySet());
        exchange.noContent();
    }

    private static String allow(Map<String, HttpHandler> methods) {
        return String.join(", ", methods.keySet()) + ", OPTIONS";
    }

    private Optional<Map<String, HttpHandler>> methods(String path) {
        Map<String, HttpHandler> methods = exact.get(path);
        if (methods != null) {
            return Optional.of(methods);
        }
        return below.entrySet().stream()
                .filter(route -> path.startsWith(route.getKey()))
                .filter(route -> path.length() > route.getKey().length())
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /**
     * The decoded path of a request line's URI, which may be absolute.
     *
     * @throws ApiException 400 where it cannot be decoded
     */
    public static String path(String uri) {
        try {
            return new QueryStringDecoder(ABSOLUTE.matcher(uri).replaceFirst("")).path();
        } catch (IllegalArgumentException e) {
            throw ApiError.badRequest(null, "The path is not valid percent-encoding").asException();
        }
    }

    private static String shorten(String path) {
        return path.length() <= 100 ? path : path.substring(0, 100) + "...";
    }
}
