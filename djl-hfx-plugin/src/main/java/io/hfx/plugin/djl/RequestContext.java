package io.hfx.plugin.djl;

import io.hfx.scheduler.slo.SloClass;

/**
 * What a request states, kept for all stages of its workflow.
 *
 * @param sloClass class and objectives, as of the request's arrival
 * @param arrivalNanos when its first stage came to the scheduler
 * @param requestId as its answer's {@code x-request-id} says; empty where it has none
 */
record RequestContext(SloClass sloClass, long arrivalNanos, String requestId) {}
