package io.hfx.scheduler.policy;

import io.hfx.scheduler.request.SequenceKey;
import java.util.List;

/**
 * What a step policy wants. First {@code preempt} gives KV back, then {@code decodes} and {@code
 * chunks} run.
 *
 * @param decodes sequences that get a token, each decoding
 * @param chunks prefill chunks, each of another sequence that is not decoding
 * @param preempt sequences that lose their KV and wait again
 * @param handBack requests, none of them started, that go back to the dispatcher
 * @param resume whether the suspended step runs on; then there are no decodes and chunks
 */
public record Composition(
        List<SequenceKey> decodes,
        List<Chunk> chunks,
        List<SequenceKey> preempt,
        List<Long> handBack,
        boolean resume) {
    /** Run the suspended step on. */
    public static final Composition RESUME =
            new Composition(List.of(), List.of(), List.of(), List.of(), true);

    /** Run nothing. */
    public static final Composition IDLE = of(List.of(), List.of());

    public Composition {
        decodes = List.copyOf(decodes);
        chunks = List.copyOf(chunks);
        preempt = List.copyOf(preempt);
        handBack = List.copyOf(handBack);
        if (resume && !(decodes.isEmpty() && chunks.isEmpty())) {
            throw new IllegalArgumentException("a resumed step takes nothing else in");
        }
    }

    public static Composition of(List<SequenceKey> decodes, List<Chunk> chunks) {
        return new Composition(decodes, chunks, List.of(), List.of(), false);
    }

    /**
     * The next {@code tokens} prompt positions of a sequence.
     *
     * @param tokens 1 to {@link SequenceView#remainingPrefill()}
     */
    public record Chunk(SequenceKey sequence, int tokens) {}
}
