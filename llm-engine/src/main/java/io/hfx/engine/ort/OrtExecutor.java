package io.hfx.engine.ort;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.ExecutorSpec;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.SequenceTable;
import io.hfx.engine.executor.SlotSequence;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionStage;

/**
 * Runs a model on ONNX Runtime, in float32 on the CPU. The weights belong to the {@link OrtModel},
 * which other executors may share; the KV pool and the activations are its own. One thread owns it.
 */
public final class OrtExecutor implements TokenExecutor {
    private static final int MOST_CURSORS = 2;
    private static final String DTYPE = "F32";

    private final OrtModel model;
    private final ExecutorSpec spec;
    private final KvPool kv;
    private final SequenceTable sequences;
    private final List<Activations> allActivations = new ArrayList<>();
    private final Deque<Activations> idleActivations = new ArrayDeque<>();
    private final List<OrtCursor> cursors = new ArrayList<>();
    private boolean closed;

    /**
     * @param model stays the caller's to close, after this
     * @throws IllegalArgumentException if the options exceed the model
     * @throws IllegalStateException if the model is closed
     */
    public OrtExecutor(OrtModel model, OrtOptions options) {
        ModelConfig config = model.config();
        requireFit(config, options);
        model.form(); // or it is closed
        this.model = model;
        kv = new KvPool(config, options.slots(), options.maxSequenceTokens());
        spec =
                new ExecutorSpec(
                        "onnxruntime",
                        "cpu",
                        false,
                        config.vocabulary(),
                        options.slots(),
                        options.maxSequenceTokens(),
                        KvPool.bytesPerToken(config),
                        model.modelHash());
        sequences = new SequenceTable(spec, options.maxStepTokens());
        for (int i = 0; i < MOST_CURSORS; i++) {
            Activations activations = new Activations(config, options.slots());
            allActivations.add(activations);
            idleActivations.push(activations);
        }
    }

    /**
     * Checks options before there is a model.
     *
     * @throws IllegalArgumentException if they exceed it
     */
    public static void requireFit(ModelConfig config, OrtOptions options) {
        if (options.maxSequenceTokens() > config.maxPositions()) {
            throw new IllegalArgumentException(
                    "maxSequenceTokens must be 1 to %d (max_position_embeddings), was %d"
                            .formatted(config.maxPositions(), options.maxSequenceTokens()));
        }
        KvPool.requireFit(config, options.slots(), options.maxSequenceTokens());
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
        kv.copy(sequences.own(from).slot(), sequences.own(to).slot(), tokens);
        sequences.filled(to, tokens);
    }

    @Override
    public StepCursor begin(StepInput input) {
        checkOpen();
        if (cursors.size() == MOST_CURSORS) {
            throw new IllegalStateException(MOST_CURSORS + " steps are open already");
        }
        sequences.check(input);
        WeightForm form = model.form();
        compact(input);
        OrtCursor cursor = new OrtCursor(this, input, form, idleActivations.pop());
        cursors.add(cursor);
        return cursor;
    }

    @Override
    public KvBlock export(KvSequence sequence, int fromToken, int toToken) {
        checkOpen();
        sequences.checkExport(sequence, fromToken, toToken);
        KvBlock block = newBlock(toToken - fromToken).at(fromToken);
        kv.export(sequences.own(sequence).slot(), block);
        return block;
    }

    @Override
    public KvBlock newBlock(int tokens) {
        return new KvBlock(model.modelHash(), DTYPE, 0, tokens, kv.newLayers(tokens));
    }

    @Override
    public void export(KvSequence sequence, KvBlock into) {
        checkOpen();
        sequences.checkExport(sequence, into, DTYPE);
        kv.export(sequences.own(sequence).slot(), into);
    }

    /** Bytes of KV that one token takes in this executor. */
    public static long kvBytesPerToken(ModelConfig config) {
        return KvPool.bytesPerToken(config);
    }

    @Override
    public void restore(KvSequence sequence, KvBlock block) {
        checkOpen();
        sequences.checkRestore(sequence, block, DTYPE);
        kv.restore(sequences.own(sequence).slot(), block);
        sequences.filled(sequence, block.fromToken() + block.tokens());
    }

    @Override
    public CompletionStage<Void> optimise() {
        return model.optimise();
    }

    /** Abandons open steps and frees the KV. The model stays open. */
    @Override
    public void close() {
        if (!closed) {
            List.copyOf(cursors).forEach(OrtCursor::close);
            closed = true;
            allActivations.forEach(Activations::close);
            kv.close();
        }
    }

    OrtModel model() {
        return model;
    }

    KvPool kv() {
        return kv;
    }

    SequenceTable sequences() {
        return sequences;
    }

    void closed(OrtCursor cursor) {
        cursors.remove(cursor);
        // At the far end, so that the logits of a closed step outlive the next close.
        idleActivations.addLast(cursor.activations());
    }

    /**
     * Moves at most one decoding sequence, the one in the highest slot, to the lowest free slot if
     * that is below it. So decodes gather in one range over some steps, and no step waits for more
     * than one copy.
     */
    private void compact(StepInput input) {
        List<SlotSequence> decodes =
                input.segments().stream()
                        .filter(segment -> segment.tokens().length == 1)
                        .map(segment -> sequences.own(segment.sequence()))
                        .sorted(Comparator.comparingInt(SlotSequence::slot))
                        .toList();
        if (decodes.size() < 2) {
            return;
        }
        SlotSequence highest = decodes.get(decodes.size() - 1);
        boolean dense = highest.slot() - decodes.get(0).slot() == decodes.size() - 1;
        int free = sequences.lowestFree();
        if (!dense && free >= 0 && free < highest.slot()) {
            kv.copy(highest.slot(), free, highest.length());
            sequences.move(highest, free);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the executor is closed");
        }
    }
}
