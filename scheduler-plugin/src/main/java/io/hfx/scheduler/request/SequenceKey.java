package io.hfx.scheduler.request;

/**
 * Names one sequence of one request.
 *
 * @param requestId {@link RequestSpec#id()}
 * @param index of the sequence in its request, from 0
 */
public record SequenceKey(long requestId, int index) {
    /** As a record has it, only faster: maps of sequences are asked several times a token. */
    @Override
    public boolean equals(Object other) {
        return other instanceof SequenceKey that
                && requestId == that.requestId
                && index == that.index;
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(requestId) + index;
    }
}
