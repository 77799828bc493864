package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.executor.ExecutorException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/**
 * The sessions that read weights, in one of two forms. Unpacked: three sessions for all layers,
 * weights are inputs, nothing is copied. Prepacked: one session per piece with its weights inside,
 * in the layout that the matrix products like best. Sessions may be run by several threads.
 */
final class WeightForm implements AutoCloseable {
    /** A session and the tensors that it gets besides the activations. */
    record Piece(OrtSession session, Map<String, OnnxTensor> weights) {}

    private final List<OrtSession> sessions = new ArrayList<>();
    private final List<Piece> pieces = new ArrayList<>();
    private final boolean prepacked;

    private WeightForm(boolean prepacked) {
        this.prepacked = prepacked;
    }

    static WeightForm unpacked(ModelConfig config, Weights weights, int threads) {
        WeightForm form = new WeightForm(false);
        DecoderGraphs graphs = new DecoderGraphs(config, false);
        try {
            OrtSession first = form.session("first", graphs.first(), Map.of(), threads);
            OrtSession middle = form.session("middle", graphs.middle(), Map.of(), threads);
            OrtSession last = form.session("last", graphs.last(), Map.of(), threads);
            for (int piece = 0; piece <= config.layers(); piece++) {
                Map<String, OnnxTensor> its = weights.ofPiece(piece);
                if (piece == 0) {
                    its.put(TensorSpec.EMBEDDING, weights.embedding());
                }
                OrtSession session = piece == 0 ? first : piece < config.layers() ? middle : last;
                form.pieces.add(new Piece(session, Map.copyOf(its)));
            }
        } catch (RuntimeException e) {
            form.close();
            throw e;
        }
        return form;
    }

    /**
     * Packs every piece when its weights are there; this takes a while and memory for a second copy
     * of the matrices.
     *
     * @param cancelled looked at between pieces
     * @throws CancellationException if it says so
     */
    static WeightForm prepacked(
            ModelConfig config, Weights weights, int threads, BooleanSupplier cancelled) {
        WeightForm form = new WeightForm(true);
        DecoderGraphs graphs = new DecoderGraphs(config, true);
        byte[] middle = graphs.middle();
        try {
            for (int piece = 0; piece <= config.layers(); piece++) {
                if (cancelled.getAsBoolean()) {
                    throw new CancellationException("the model was closed");
                }
                weights.await(piece);
                byte[] graph =
                        piece == 0
                                ? graphs.first()
                                : piece < config.layers() ? middle : graphs.last();
                OrtSession session =
                        form.session("piece " + piece, graph, weights.ofPiece(piece), threads);
                form.pieces.add(
                        new Piece(
                                session,
                                piece == 0
                                        ? Map.of(TensorSpec.EMBEDDING, weights.embedding())
                                        : Map.of()));
            }
        } catch (RuntimeException e) {
            form.close();
            throw e;
        }
        return form;
    }

    boolean prepacked() {
        return prepacked;
    }

    Piece piece(int index) {
        return pieces.get(index);
    }

    @Override
    public void close() {
        for (OrtSession session : sessions) {
            close(session);
        }
        sessions.clear();
        pieces.clear();
    }

    static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new ExecutorException("closing a session", e);
        }
    }

    /** One session over a graph in memory; {@code inside} become its initializers. */
    static OrtSession open(String what, byte[] graph, Map<String, OnnxTensor> inside, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(threads);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            // Shapes differ from step to step: a remembered pattern per shape would only pile up.
            options.setMemoryPatternOptimization(false);
            if (!inside.isEmpty()) {
                options.addExternalInitializers(new HashMap<String, OnnxTensorLike>(inside));
            }
            return Tensors.environment().createSession(graph, options);
        } catch (OrtException e) {
            throw new ExecutorException("opening the session of " + what, e);
        }
    }

    private OrtSession session(
            String what, byte[] graph, Map<String, OnnxTensor> inside, int threads) {
        OrtSession session = open(what, graph, inside, threads);
        sessions.add(session);
        return session;
    }
}
