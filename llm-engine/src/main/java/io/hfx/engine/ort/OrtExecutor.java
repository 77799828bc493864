package io.hfx.engine.ort;

import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.ExecutorSpec;
import io.hfx.engine.executor.KvBlock;
import io.hfx.engine.executor.KvExhaustedException;
import io.hfx.engine.executor.KvSequence;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import io.hfx.engine.executor.TokenExecutor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * Runs a Llama-shaped model on ONNX Runtime, in float32 on the CPU. The weights belong to the
 * {@link OrtModel}, which other executors may share; the KV pool and the activations are its own.
 * One thread owns it.
 */
public final class OrtExecutor implements TokenExecutor {
    private static final int MOST_CURSORS = 2;
    private static final String DTYPE = "F32";

    private final OrtModel model;
    private final OrtOptions options;
    private final ExecutorSpec spec;
    private final KvPool kv;
    private final List<Activations> allActivations = new ArrayList<>();
    private final Deque<Activations> idleActivations = new ArrayDeque<>();
    private final List<OrtCursor> cursors = new ArrayList<>();
    private boolean closed;

    /**
     * @param model stays the caller's to close, after this
     * @throws IllegalArgumentException if the options exceed the model
     */
    public OrtExecutor(OrtModel model, OrtOptions options) {
        ModelConfig config = model.config();
        if (options.maxSequenceTokens() > config.maxPositions()) {
            throw new IllegalArgumentException(
                    "maxSequenceTokens must be 1 to %d (max_position_embeddings), was %d"
                            .formatted(config.maxPositions(), options.maxSequenceTokens()));
        }
        this.model = model;
        this.options = options;
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
        for (int i = 0; i < MOST_CURSORS; i++) {
            Activations activations = new Activations(config, options.slots());
            allActivations.add(activations);
            idleActivations.push(activations);
        }
    }

    @Override
    public ExecutorSpec spec() {
        return spec;
    }

    @Override
    public KvSequence open(int reserveTokens) {
        checkOpen();
        if (reserveTokens < 1 || reserveTokens > options.maxSequenceTokens()) {
            throw new IllegalArgumentException(
                    "reserveTokens must be 1 to %d, was %d"
                            .formatted(options.maxSequenceTokens(), reserveTokens));
        }
        int slot = kv.take();
        if (slot < 0) {
            throw new KvExhaustedException("all " + options.slots() + " KV slots are taken");
        }
        return new OrtSequence(this, slot, reserveTokens);
    }

    @Override
    public void fork(KvSequence from, KvSequence to, int tokens) {
        OrtSequence source = own(from);
        OrtSequence target = idle(to);
        if (source == target || target.length() != 0) {
            throw new IllegalArgumentException("fork needs an empty target, it is a " + target);
        }
        int most = Math.min(source.length(), target.reserveTokens());
        if (tokens < 0 || tokens > most) {
            throw new IllegalArgumentException(
                    "fork of %d tokens: allowed are 0 to %d".formatted(tokens, most));
        }
        kv.copy(source.slot(), target.slot(), tokens);
        target.commit(tokens);
    }

    @Override
    public StepCursor begin(StepInput input) {
        checkOpen();
        if (cursors.size() == MOST_CURSORS) {
            throw new IllegalStateException(MOST_CURSORS + " steps are open already");
        }
        check(input);
        compact(input);
        OrtCursor cursor =
                new OrtCursor(this, StepLayout.of(input), model.form(), idleActivations.pop());
        cursors.add(cursor);
        return cursor;
    }

    @Override
    public KvBlock export(KvSequence sequence, int fromToken, int toToken) {
        OrtSequence own = own(sequence);
        if (fromToken < 0 || fromToken >= toToken || toToken > own.length()) {
            throw new IllegalArgumentException(
                    "export of positions [%d, %d) of a %s".formatted(fromToken, toToken, own));
        }
        return new KvBlock(
                model.modelHash(),
                DTYPE,
                fromToken,
                toToken - fromToken,
                kv.export(own.slot(), fromToken, toToken));
    }

    @Override
    public void restore(KvSequence sequence, KvBlock block) {
        OrtSequence own = idle(sequence);
        if (!block.modelHash().equals(model.modelHash()) || !block.dtype().equals(DTYPE)) {
            throw new IllegalArgumentException(
                    "a block of model %s in %s does not fit model %s in %s"
                            .formatted(block.modelHash(), block.dtype(), model.modelHash(), DTYPE));
        }
        int newLength = own.length() + block.tokens();
        if (block.fromToken() != own.length() || newLength > own.reserveTokens()) {
            throw new IllegalArgumentException(
                    "a block of %d tokens from %d does not fit a %s, reserved for %d"
                            .formatted(
                                    block.tokens(), block.fromToken(), own, own.reserveTokens()));
        }
        kv.restore(own.slot(), block);
        own.commit(newLength);
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

    void release(OrtSequence sequence) {
        kv.free(sequence.slot());
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
        List<OrtSequence> decodes =
                input.segments().stream()
                        .filter(segment -> segment.tokens().length == 1)
                        .map(segment -> (OrtSequence) segment.sequence())
                        .sorted(Comparator.comparingInt(OrtSequence::slot))
                        .toList();
        if (decodes.size() < 2) {
            return;
        }
        OrtSequence highest = decodes.get(decodes.size() - 1);
        boolean dense = highest.slot() - decodes.get(0).slot() == decodes.size() - 1;
        int free = kv.lowestFree();
        if (!dense && free >= 0 && free < highest.slot()) {
            kv.take();
            kv.copy(highest.slot(), free, highest.length());
            kv.free(highest.slot());
            highest.moveTo(free);
        }
    }

    private void check(StepInput input) {
        Set<KvSequence> seen = new HashSet<>();
        long tokens = 0;
        for (Segment segment : input.segments()) {
            OrtSequence sequence = idle(segment.sequence());
            if (!seen.add(sequence)) {
                throw new IllegalArgumentException("a step holds the same " + sequence + " twice");
            }
            int newLength = sequence.length() + segment.tokens().length;
            if (newLength > sequence.reserveTokens()) {
                throw new IllegalArgumentException(
                        "%d more tokens exceed the %d reserved for a %s"
                                .formatted(
                                        segment.tokens().length,
                                        sequence.reserveTokens(),
                                        sequence));
            }
            checkTokens(segment.tokens());
            tokens += segment.tokens().length;
        }
        if (tokens > options.maxStepTokens()) {
            throw new IllegalArgumentException(
                    "a step of %d tokens, allowed are %d"
                            .formatted(tokens, options.maxStepTokens()));
        }
    }

    private void checkTokens(int[] tokens) {
        for (int token : tokens) {
            if (token < 0 || token >= spec.vocabulary()) {
                throw new IllegalArgumentException(
                        "token id %d, allowed are 0 to %d".formatted(token, spec.vocabulary() - 1));
            }
        }
    }

    private OrtSequence own(KvSequence sequence) {
        checkOpen();
        if (!(sequence instanceof OrtSequence own) || own.executor() != this) {
            throw new IllegalArgumentException("the sequence belongs to another executor");
        }
        if (own.closed()) {
            throw new IllegalStateException("the sequence is closed");
        }
        return own;
    }

    private OrtSequence idle(KvSequence sequence) {
        OrtSequence own = own(sequence);
        if (own.pinned()) {
            throw new IllegalStateException("the " + own + " is in an open step");
        }
        return own;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the executor is closed");
        }
    }
}
