package io.hfx.plugin.djl;

import ai.djl.modality.Input;
import ai.djl.modality.Output;
import io.hfx.plugin.openai.SloResolver;
import io.hfx.scheduler.slo.SloClass;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a job's request states: in the headers of the request, which DJL Serving puts into the
 * properties of the first stage's input; in later stages of a workflow by the input itself, which
 * is what the stage before gave out. Thread-safe.
 */
final class RequestContexts {
    /** The property in which DJL Serving puts the id that it answers with. */
    private static final String REQUEST_ID = "requestId";

    /** By identity: neither inputs nor outputs have an equality of their own. */
    private final Map<Input, RequestContext> known =
            Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * The context of a stage's input.
     *
     * @param resolver of the model whose job it is
     * @param priority of the stage's job; of later stages that of the first counts
     * @param staged whether the request may have further stages
     * @throws io.hfx.plugin.http.ApiException 400 that names a malformed header
     */
    RequestContext of(
            Object input, SloResolver resolver, int priority, long nowNanos, boolean staged) {
        if (!(input instanceof Input headers)) {
            return new RequestContext(resolver.resolve(name -> List.of()), priority, nowNanos, "");
        }
        return staged
                ? known.computeIfAbsent(headers, in -> read(in, resolver, priority, nowNanos))
                : read(headers, resolver, priority, nowNanos);
    }

    private static RequestContext read(
            Input headers, SloResolver resolver, int priority, long nowNanos) {
        SloClass sloClass =
                states(headers)
                        ? resolver.resolve(name -> values(headers, name))
                        : resolver.unstated();
        String id = headers.getProperty(REQUEST_ID, "");
        return new RequestContext(sloClass, priority, nowNanos, id);
    }

    private static boolean states(Input headers) {
        for (String name : headers.getProperties().keySet()) {
            if (SloResolver.isRead(name)) {
                return true;
            }
        }
        return false;
    }

    /** The request of this input ends with an answer, whatever its other stages make. */
    void end(Object input, Output answer, long nowNanos) {
        if (input instanceof Input first) {
            RequestContext context =
                    new RequestContext(SloClass.BEST_EFFORT, Integer.MAX_VALUE, nowNanos, "");
            context.refused().set(answer);
            known.put(first, context);
        }
    }

    private static List<String> values(Input headers, String name) {
        String value = headers.getProperty(name, null);
        return value == null ? List.of() : List.of(value);
    }

    /** The context that an input of an earlier stage has, or null. */
    @Nullable RequestContext known(Input input) {
        return known.get(input);
    }

    /** The next stage, whose input this output is, belongs to the same request. */
    void handOn(Object output, RequestContext context) {
        if (output instanceof Input next && context.refusal() != next) {
            known.put(next, context);
        }
    }
}
