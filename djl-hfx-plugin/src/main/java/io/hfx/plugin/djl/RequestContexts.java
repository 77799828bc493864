package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import io.hfx.plugin.openai.SloResolver;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Finds what a job's request states: in the headers of the request, which DJL Serving puts into the
 * properties of the first stage's input; in later stages by the output of the stage before, which
 * is their input. Thread-safe.
 */
final class RequestContexts {
    /** The property in which DJL Serving puts the id that it answers with. */
    private static final String REQUEST_ID = "requestId";

    private final SloResolver resolver;

    /** By identity: neither inputs nor outputs have an equality of their own. */
    private final Map<Input, RequestContext> handedOn =
            Collections.synchronizedMap(new WeakHashMap<>());

    RequestContexts(SloResolver resolver) {
        this.resolver = resolver;
    }

    /**
     * The context of an input.
     *
     * @throws io.hfx.plugin.http.ApiException 400 that names a malformed header
     */
    RequestContext of(Object input, long nowNanos) {
        if (!(input instanceof Input headers)) {
            return new RequestContext(resolver.resolve(name -> List.of()), nowNanos, "");
        }
        RequestContext known = handedOn.remove(headers);
        if (known != null) {
            return known;
        }
        return new RequestContext(
                resolver.resolve(
                        name -> {
                            String value = headers.getProperty(name, null);
                            return value == null ? List.of() : List.of(value);
                        }),
                nowNanos,
                headers.getProperty(REQUEST_ID, ""));
    }

    /** The next stage, whose input this output is, belongs to the same request. */
    void handOn(Object output, RequestContext context) {
        if (output instanceof Input next) {
            handedOn.put(next, context);
        }
    }
}
