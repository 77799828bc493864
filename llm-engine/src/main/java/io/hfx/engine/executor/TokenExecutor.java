package io.hfx.engine.executor;

import java.util.concurrent.CompletionStage;

/**
 * Runs a decoder model step by step for many sequences. An instance owns one set of weights (or a
 * shared read-only image) and one KV pool on one device.
 *
 * <p>Not thread-safe: one step-loop thread owns it, but for {@link #optimise()}, whose work runs
 * elsewhere. At most two cursors are open at a time (a suspended step and the one that runs in its
 * place), and a sequence is in at most one of them.
 */
public interface TokenExecutor extends AutoCloseable {
    ExecutorSpec spec();

    /**
     * Takes KV for a new, empty sequence.
     *
     * @param reserveTokens most tokens that the sequence will ever hold, 1 to {@link
     *     ExecutorSpec#maxSequenceTokens()}
     * @throws KvExhaustedException if no KV is free
     */
    KvSequence open(int reserveTokens);

    /** Copies the first {@code tokens} committed positions of one sequence into an empty other. */
    void fork(KvSequence from, KvSequence to, int tokens);

    /** Starts a step. Nothing runs before the first {@link StepCursor#advance()}. */
    StepCursor begin(StepInput input);

    /** Copies committed positions {@code [fromToken, toToken)} out, in the neutral form. */
    KvBlock export(KvSequence sequence, int fromToken, int toToken);

    /** Memory for a block of that many tokens, from position 0, to be exported into. */
    KvBlock newBlock(int tokens);

    /**
     * Copies the committed positions that a block names into its memory.
     *
     * @throws IllegalArgumentException if the block is of another model or shape
     */
    void export(KvSequence sequence, KvBlock into);

    /**
     * Appends a block to a sequence whose length is {@link KvBlock#fromToken()}.
     *
     * @throws IllegalArgumentException if the block is of another model, shape or position
     */
    void restore(KvSequence sequence, KvBlock block);

    /**
     * Builds the fast form of the model in the background (for ONNX Runtime: prepacked sessions).
     * Steps that begin after the stage completes use it. Calling it again returns the same stage.
     */
    CompletionStage<Void> optimise();

    @Override
    void close();
}
