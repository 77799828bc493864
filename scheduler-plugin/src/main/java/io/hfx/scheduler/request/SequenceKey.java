package io.hfx.scheduler.request;

/**
 * Names one sequence of one request.
 *
 * @param requestId {@link RequestSpec#id()}
 * @param index of the sequence in its request, from 0
 */
public record SequenceKey(long requestId, int index) {}
