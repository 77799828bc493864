package io.hfx.plugin.http;

import io.netty.handler.codec.http.HttpRequest;

/** Decides on a request's head alone, before any of its body is kept. Must not block. */
@FunctionalInterface
public interface Gate {
    /**
     * Who sends this request.
     *
     * @param head complete; method, path and headers
     * @throws ApiException to answer with that error and end the connection
     */
    Caller admit(HttpRequest head);
}
