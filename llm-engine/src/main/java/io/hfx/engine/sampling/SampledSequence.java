package io.hfx.engine.sampling;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sequence as the {@link Sampler} sees it. All that it holds follows from its arguments and its
 * token ids, so one that is built anew, on another worker or after a preemption, goes on as the
 * first would have. Owned by one thread.
 */
public final class SampledSequence {
    private final SamplingParams params;
    private final int choice;
    private final int[] endIds;
    private final int minTokens;
    private final @Nullable TokenCounts counts;
    private final int promptTokens;
    private int outputTokens;

    /**
     * Begins with the prompt; the tokens of the output follow by {@link #add}.
     *
     * @param choice number of the sequence among those of one prompt, from 0
     * @param prompt its token ids; not kept
     * @param endIds tokens that end it
     * @param minTokens output tokens before which none of them is chosen
     */
    public SampledSequence(
            SamplingParams params, int choice, int[] prompt, Set<Integer> endIds, int minTokens) {
        this.params = params;
        this.choice = choice;
        this.endIds = endIds.stream().mapToInt(Integer::intValue).sorted().toArray();
        this.minTokens = minTokens;
        this.promptTokens = prompt.length;
        this.counts = params.penalises() ? new TokenCounts() : null;
        if (counts != null && params.repetitionPenalty() != 1) {
            for (int id : prompt) {
                counts.addPrompt(id);
            }
        }
    }

    /** Adds the next token of its output. */
    public void add(int id) {
        outputTokens++;
        if (counts != null) {
            counts.addOutput(id);
        }
    }

    /** Whether this token ends it. */
    public boolean ends(int id) {
        for (int end : endIds) {
            if (end == id) {
                return true;
            }
        }
        return false;
    }

    SamplingParams params() {
        return params;
    }

    /** Draw of the next token, from 0 to below 1. */
    double draw() {
        return CounterDraw.uniform(params.seed(), choice, promptTokens + outputTokens);
    }

    /** Applies what changes the logits themselves, in place. */
    void process(float[] logits, int size) {
        if (outputTokens < minTokens) {
            for (int id : endIds) {
                if (id < size) {
                    logits[id] = Float.NEGATIVE_INFINITY;
                }
            }
        }
        params.logitBias().addTo(logits, size);
        if (counts != null) {
            counts.penalise(logits, size, params);
        }
    }
}
