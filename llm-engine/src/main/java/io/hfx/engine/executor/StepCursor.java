package io.hfx.engine.executor;

import java.nio.FloatBuffer;

/**
 * A step under way. Between two slices its owner may run another step of other sequences, come back
 * and go on, or close the cursor, which abandons the step: no sequence of it changes its length.
 */
public interface StepCursor extends AutoCloseable {
    /** Number of slices in all, at least one; they take about the same time. */
    int slices();

    /** Slices run so far. */
    int done();

    /**
     * Runs the next slice. The last one commits the new lengths.
     *
     * @return whether the step is complete
     */
    boolean advance();

    /**
     * The logits of a complete step for one segment that wanted them, as a view of {@link
     * ExecutorSpec#vocabulary()} floats, valid until the next {@link TokenExecutor#begin}.
     *
     * @param segment index into {@link StepInput#segments()}
     */
    FloatBuffer logits(int segment);

    @Override
    void close();
}
