package io.hfx.plugin.http;

/** Answers the requests of one route. */
@FunctionalInterface
public interface HttpHandler {
    /**
     * Answers now or later through the exchange. Called on the connection's event loop; must not
     * block it.
     *
     * @throws ApiException to answer with that error
     */
    void handle(HttpExchange exchange);
}
