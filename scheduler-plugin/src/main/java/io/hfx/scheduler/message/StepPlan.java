package io.hfx.scheduler.message;

import io.hfx.scheduler.request.SequenceKey;
import java.util.List;

/**
 * What a worker runs in one step.
 *
 * @param decodes sequences that get one token each, in the order of their rows
 * @param chunks prefill chunks, each of another sequence
 */
public record StepPlan(List<SequenceKey> decodes, List<Chunk> chunks) {
    /** Nothing runs. */
    public static final StepPlan EMPTY = new StepPlan(List.of(), List.of());

    public StepPlan {
        decodes = List.copyOf(decodes);
        chunks = List.copyOf(chunks);
    }

    public boolean isEmpty() {
        return decodes.isEmpty() && chunks.isEmpty();
    }

    /**
     * A run of positions of one sequence.
     *
     * @param sequence whose prompt (and earlier output, after a preemption) is computed
     * @param fromToken first position
     * @param tokens number of positions, at least 1
     * @param completes whether the sequence gets its next token at the end of this chunk
     * @param forks other choices of the same prompt that get a copy of its KV and a token of their
     *     own from the same logits; empty unless the chunk completes
     */
    public record Chunk(
            SequenceKey sequence,
            int fromToken,
            int tokens,
            boolean completes,
            List<SequenceKey> forks) {
        public Chunk {
            forks = List.copyOf(forks);
        }
    }
}
