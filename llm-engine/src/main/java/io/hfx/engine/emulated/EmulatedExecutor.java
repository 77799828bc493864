package io.hfx.engine.emulated;

import io.hfx.engine.executor.ExecutorSpec;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.SequenceTable;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Waits as long as a {@link LatencyProfile} says and chooses tokens by model hash and position. Its
 * KV is a real account of slots and lengths without content: a block exported from it has the right
 * size and only zeros. One thread owns it.
 */
public final class EmulatedExecutor implements TokenExecutor {
    private static final int MOST_CURSORS = 2;
    private static final String DTYPE = "EMULATED";

    private final EmulatedOptions options;
    private final LatencyProfile profile;
    private final Waiting waiting;
    private final ExecutorSpec spec;
    private final SequenceTable sequences;
    private final List<EmulatedCursor> cursors = new ArrayList<>();
    private boolean closed;

    public EmulatedExecutor(EmulatedOptions options, LatencyProfile profile, Waiting waiting) {
        this.options = options;
        this.profile = profile;
        this.waiting = waiting;
        spec =
                new ExecutorSpec(
                        "emulated",
                        "emulated",
                        true,
                        options.vocabulary(),
                        options.slots(),
                        options.maxSequenceTokens(),
                        options.kvBytesPerToken(),
                        options.modelHash());
        sequences = new SequenceTable(spec, options.maxStepTokens());
    }

    @Override
    public ExecutorSpec spec() {
        return spec;
    }

    @Override
    public KvSequence open(int reserveTokens) {
        checkOpen();
        return sequences.open(reserveTokens);
    }

    @Override
    public void fork(KvSequence from, KvSequence to, int tokens) {
        checkOpen();
        sequences.checkFork(from, to, tokens);
        sequences.filled(to, tokens);
    }

    @Override
    public StepCursor begin(StepInput input) {
        checkOpen();
        if (cursors.size() == MOST_CURSORS) {
            throw new IllegalStateException(MOST_CURSORS + " steps are open already");
        }
        sequences.check(input);
        EmulatedCursor cursor = new EmulatedCursor(this, input, profile.stepNanos(input));
        cursors.add(cursor);
        return cursor;
    }

    @Override
    public KvBlock export(KvSequence sequence, int fromToken, int toToken) {
        checkOpen();
        sequences.checkExport(sequence, fromToken, toToken);
        return newBlock(toToken - fromToken).at(fromToken);
    }

    @Override
    public KvBlock newBlock(int tokens) {
        ByteBuffer zeros =
                ByteBuffer.allocate(Math.multiplyExact(tokens, options.kvBytesPerToken()));
        return new KvBlock(options.modelHash(), DTYPE, 0, tokens, List.of(zeros));
    }

    /** There is nothing to copy. */
    @Override
    public void export(KvSequence sequence, KvBlock into) {
        checkOpen();
        sequences.checkExport(sequence, into, DTYPE);
        checkSize(into);
    }

    @Override
    public void restore(KvSequence sequence, KvBlock block) {
        checkOpen();
        sequences.checkRestore(sequence, block, DTYPE);
        checkSize(block);
        sequences.filled(sequence, block.fromToken() + block.tokens());
    }

    private void checkSize(KvBlock block) {
        long bytes = block.layers().stream().mapToLong(ByteBuffer::remaining).sum();
        if (bytes != (long) block.tokens() * options.kvBytesPerToken()) {
            throw new IllegalArgumentException(
                    "a block of %d tokens has %d bytes, not %d per token"
                            .formatted(block.tokens(), bytes, options.kvBytesPerToken()));
        }
    }

    /** There is no faster form; the stage is complete. */
    @Override
    public CompletionStage<Void> optimise() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {
        if (!closed) {
            List.copyOf(cursors).forEach(EmulatedCursor::close);
            closed = true;
        }
    }

    EmulatedOptions options() {
        return options;
    }

    SequenceTable sequences() {
        return sequences;
    }

    Waiting waiting() {
        return waiting;
    }

    void closed(EmulatedCursor cursor) {
        cursors.remove(cursor);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the executor is closed");
        }
    }
}
