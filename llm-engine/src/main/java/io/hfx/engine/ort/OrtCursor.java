package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.hfx.engine.executor.ExecutorException;
import io.hfx.engine.executor.StepCursor;
import io.hfx.engine.executor.StepInput;
import java.nio.FloatBuffer;
import java.util.Map;

/**
 * A step over L+1 slices: slice i runs the weights before attention i and that attention; the last
 * one closes the last layer and makes the logits of the wanted rows.
 */
final class OrtCursor implements StepCursor {
    private final OrtExecutor executor;
    private final StepInput input;
    private final StepLayout layout;
    private final WeightForm form;
    private final Activations activations;
    private final int layers;
    private int done;
    private boolean closed;

    OrtCursor(OrtExecutor executor, StepInput input, WeightForm form, Activations activations) {
        this.executor = executor;
        this.input = input;
        layout = StepLayout.of(input);
        this.form = form;
        this.activations = activations;
        this.layers = executor.model().config().layers();
        activations.load(layout);
        executor.sequences().pin(input);
    }

    @Override
    public int slices() {
        return layers + 1;
    }

    @Override
    public int done() {
        return done;
    }

    @Override
    public boolean advance() {
        if (closed || done == slices()) {
            throw new IllegalStateException(closed ? "the step is closed" : "the step is complete");
        }
        try {
            if (done < layers) {
                weights(done);
                attention(done);
            } else if (layout.wanted().length > 0) {
                last();
            }
        } catch (ExecutorException e) {
            close();
            throw e;
        }
        done++;
        if (done == slices()) {
            executor.sequences().commit(input);
        }
        return done == slices();
    }

    @Override
    public FloatBuffer logits(int segment) {
        if (done < slices()) {
            throw new IllegalStateException(
                    "logits after %d of %d slices".formatted(done, slices()));
        }
        int row = layout.logitsRow()[segment];
        if (row < 0) {
            throw new IllegalStateException("segment " + segment + " wanted no logits");
        }
        return activations.logitsRow(row);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            if (done < slices()) {
                executor.sequences().abandon(input);
            }
            executor.closed(this);
        }
    }

    Activations activations() {
        return activations;
    }

    private void weights(int piece) {
        int tokens = layout.tokens();
        WeightForm.Piece its = ready(piece);
        begin(its.weights());
        if (piece == 0) {
            activations.inputs.put("ids", activations.ids(tokens));
            activations.outputs.put("x", activations.stream(1, tokens));
        } else {
            activations.inputs.put("x", activations.stream(piece, tokens));
            activations.inputs.put("att", activations.attention(tokens));
            activations.outputs.put("y", activations.stream(piece + 1, tokens));
        }
        activations.outputs.put("qkv", activations.qkv(tokens));
        run(its.session(), "weights before attention", piece);
    }

    private WeightForm.Piece ready(int piece) {
        executor.model().awaitWeights(piece);
        return form.piece(piece);
    }

    private void attention(int layer) {
        KvPool kv = executor.kv();
        int sequence = 0;
        for (int i = 0; i < layout.ranges().size(); i++) {
            StepLayout.Range range = layout.ranges().get(i);
            begin(Map.of());
            Map<String, OnnxTensor> inputs = activations.inputs;
            OnnxTensor keys = kv.keys(layer, range.slot(), range.slots());
            OnnxTensor values = kv.values(layer, range.slot(), range.slots());
            inputs.put("qkv", activations.qkv(range));
            inputs.put("past_key", keys);
            inputs.put("past_value", values);
            inputs.put("lengths", activations.lengths(sequence, range.slots()));
            inputs.put("longest", activations.longest(i));
            inputs.put("cos", kv.cos());
            inputs.put("sin", kv.sin());
            activations.outputs.put("att", activations.attention(range));
            activations.outputs.put("present_key", keys);
            activations.outputs.put("present_value", values);
            run(executor.model().attention(layer), "attention of " + range, layer);
            sequence += range.slots();
        }
    }

    private void last() {
        int rows = layout.wanted().length;
        WeightForm.Piece its = ready(layers);
        begin(its.weights());
        activations.inputs.put("x", activations.stream(layers, layout.tokens()));
        activations.inputs.put("att", activations.attention(layout.tokens()));
        activations.inputs.put("rows", activations.wanted(rows));
        activations.outputs.put("logits", activations.logits(rows));
        run(its.session(), "head over " + rows + " rows", layers);
    }

    private void begin(Map<String, OnnxTensor> weights) {
        activations.inputs.clear();
        activations.inputs.putAll(weights);
        activations.outputs.clear();
    }

    private void run(OrtSession session, String what, int piece) {
        try (OrtSession.Result result = session.run(activations.inputs, activations.outputs)) {
            if (result.size() != activations.outputs.size()) {
                throw new IllegalStateException(what + " gave " + result.size() + " outputs");
            }
        } catch (OrtException e) {
            throw new ExecutorException(
                    "running %s, piece %d of %d, %d tokens in %d segments"
                            .formatted(
                                    what, piece, layers, layout.tokens(), layout.segments().size()),
                    e);
        }
    }
}
