package io.hfx.engine.executor;

import java.util.List;

/**
 * One step: any mix of decodes and prefill chunks, each of another sequence.
 *
 * @param segments at least one; the rows of the logits follow their order
 */
public record StepInput(List<Segment> segments) {
    public StepInput {
        segments = List.copyOf(segments);
        if (segments.isEmpty()) {
            throw new IllegalArgumentException("a step needs at least one segment");
        }
    }
}
