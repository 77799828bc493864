package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.Segment;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Everything that one step under way holds between its runs: packed token ids, two residual
 * streams, query/key/value, attention output, logits, and lengths per row. Buffers grow to the
 * largest step seen and are used again; one cursor at a time has them.
 */
final class Activations implements AutoCloseable {
    private static final int MOST_VIEWS = 1024;
    private static final int SMALLEST_TOKENS = 64;

    private final ModelConfig config;
    private final FloatBuffer logits;
    private final IntBuffer lengths;
    private final IntBuffer longest;
    private final LongBuffer wanted;
    private final ViewCache views = new ViewCache(MOST_VIEWS);

    /** Scratch maps for the arguments of a run. */
    final Map<String, OnnxTensor> inputs = new HashMap<>();

    final Map<String, OnnxTensor> outputs = new HashMap<>();

    private int capacityTokens;
    private FloatBuffer even;
    private FloatBuffer odd;
    private FloatBuffer qkv;
    private FloatBuffer attention;
    private LongBuffer ids;

    Activations(ModelConfig config, int slots) {
        this.config = config;
        logits = Tensors.newFloats((long) slots * config.vocabulary());
        lengths = Tensors.newInts(slots);
        longest = Tensors.newInts(slots);
        wanted = Tensors.newLongs(slots);
        even = odd = qkv = attention = Tensors.newFloats(0);
        ids = Tensors.newLongs(0);
    }

    /** Puts a step's ids, lengths and wanted rows in place. */
    void load(StepLayout layout) {
        grow(layout.tokens());
        int row = 0;
        for (Segment segment : layout.segments()) {
            for (int token : segment.tokens()) {
                ids.put(row++, token);
            }
        }
        int index = 0;
        for (int range = 0; range < layout.ranges().size(); range++) {
            int most = 0;
            for (int i = 0; i < layout.ranges().get(range).slots(); i++) {
                Segment segment = layout.segments().get(index);
                int total = segment.sequence().length() + segment.tokens().length;
                lengths.put(index++, total - 1);
                most = Math.max(most, total);
            }
            longest.put(range, most);
        }
        for (int i = 0; i < layout.wanted().length; i++) {
            wanted.put(i, layout.wanted()[i]);
        }
    }

    /** Token ids [rows]. */
    OnnxTensor ids(int rows) {
        return views.get(
                new ViewCache.Key(0, 0, rows, 1), () -> Tensors.of(ids.slice(0, rows), rows));
    }

    /** Residual stream [rows, H] that goes into the piece of this index. */
    OnnxTensor stream(int piece, int rows) {
        return rows(piece % 2 == 0 ? 1 : 2, piece % 2 == 0 ? even : odd, rows, config.hidden());
    }

    /** Query, key and value of all rows [rows, Q]. */
    OnnxTensor qkv(int rows) {
        return rows(3, qkv, rows, DecoderGraphs.qkvWidth(config));
    }

    /** Attention output of all rows [rows, A]. */
    OnnxTensor attention(int rows) {
        return rows(4, attention, rows, config.queryWidth());
    }

    /** Query, key and value of one range [slots, tokens, Q]. */
    OnnxTensor qkv(StepLayout.Range range) {
        return range(5, qkv, range, DecoderGraphs.qkvWidth(config));
    }

    /** Attention output of one range [slots, tokens, A]. */
    OnnxTensor attention(StepLayout.Range range) {
        return range(6, attention, range, config.queryWidth());
    }

    /** Total length minus one of the sequences from this one on. */
    OnnxTensor lengths(int from, int count) {
        return views.get(
                new ViewCache.Key(7, from, count, 1),
                () -> Tensors.of(lengths.slice(from, count), count));
    }

    /** Greatest total length of a range, a scalar. */
    OnnxTensor longest(int range) {
        return views.get(
                new ViewCache.Key(8, range, 1, 1), () -> Tensors.of(longest.slice(range, 1)));
    }

    OnnxTensor wanted(int count) {
        return views.get(
                new ViewCache.Key(9, 0, count, 1), () -> Tensors.of(wanted.slice(0, count), count));
    }

    OnnxTensor logits(int count) {
        return rows(10, logits, count, config.vocabulary());
    }

    FloatBuffer logitsRow(int row) {
        return logits.slice(row * config.vocabulary(), config.vocabulary());
    }

    @Override
    public void close() {
        views.close();
    }

    private void grow(int tokens) {
        if (tokens <= capacityTokens) {
            return;
        }
        views.close();
        capacityTokens = Math.max(SMALLEST_TOKENS, Integer.highestOneBit(tokens - 1) * 2);
        even = Tensors.newFloats((long) capacityTokens * config.hidden());
        odd = Tensors.newFloats((long) capacityTokens * config.hidden());
        qkv = Tensors.newFloats((long) capacityTokens * DecoderGraphs.qkvWidth(config));
        attention = Tensors.newFloats((long) capacityTokens * config.queryWidth());
        ids = Tensors.newLongs(capacityTokens);
    }

    private OnnxTensor rows(int buffer, FloatBuffer data, int rows, int width) {
        return views.get(
                new ViewCache.Key(buffer, 0, rows, 1),
                () -> Tensors.of(data.slice(0, rows * width), rows, width));
    }

    private OnnxTensor range(int buffer, FloatBuffer data, StepLayout.Range range, int width) {
        int rows = range.slots() * range.tokens();
        return views.get(
                new ViewCache.Key(buffer, range.row(), range.slots(), range.tokens()),
                () ->
                        Tensors.of(
                                data.slice(range.row() * width, rows * width),
                                range.slots(),
                                range.tokens(),
                                width));
    }
}
