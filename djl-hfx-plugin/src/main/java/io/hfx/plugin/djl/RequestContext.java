package io.hfx.plugin.djl;

import ai.djl.modality.Output;
import io.hfx.scheduler.slo.SloClass;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a request states, kept for all stages of its workflow.
 *
 * @param sloClass class and objectives, as of the request's arrival
 * @param priority as DJL Serving means it: lower goes first
 * @param arrivalNanos when its first stage came to the scheduler
 * @param requestId as its answer's {@code x-request-id} says; empty where it has none
 * @param refused the answer with which a stage was refused, and so the request
 */
record RequestContext(
        SloClass sloClass,
        int priority,
        long arrivalNanos,
        String requestId,
        AtomicReference<Output> refused) {
    RequestContext(SloClass sloClass, int priority, long arrivalNanos, String requestId) {
        this(sloClass, priority, arrivalNanos, requestId, new AtomicReference<>());
    }

    /** The answer of the whole request, where a stage of it was refused. */
    @Nullable Output refusal() {
        return refused.get();
    }
}
