package io.hfx.engine.ort;

import ai.onnxruntime.OnnxTensor;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.executor.KvBlock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The KV of all sequences: per layer one buffer of keys and one of values, each [slots, kvHeads,
 * capacity, headDim], updated in place. It knows slots only; who is in them is the executor's.
 */
final class KvPool implements AutoCloseable {
    private static final int MOST_VIEWS = 8192;

    private final int kvHeads;
    private final int capacity;
    private final int headDim;
    private final List<FloatBuffer> keys = new ArrayList<>();
    private final List<FloatBuffer> values = new ArrayList<>();
    private final ViewCache views = new ViewCache(MOST_VIEWS);
    private final OnnxTensor cos;
    private final OnnxTensor sin;

    /**
     * @param capacity most tokens of one slot
     */
    KvPool(ModelConfig config, int slots, int capacity) {
        this.kvHeads = config.kvHeads();
        this.capacity = capacity;
        this.headDim = config.headDim();
        requireFit(config, slots, capacity);
        for (int layer = 0; layer < config.layers(); layer++) {
            keys.add(Tensors.newFloats((long) slots * slotFloats()));
            values.add(Tensors.newFloats((long) slots * slotFloats()));
        }
        cos = Tensors.of(RotaryTable.cos(config.rope(), headDim, capacity), capacity, headDim / 2);
        sin = Tensors.of(RotaryTable.sin(config.rope(), headDim, capacity), capacity, headDim / 2);
    }

    static void requireFit(ModelConfig config, int slots, int capacity) {
        long layerBytes =
                (long) slots * config.kvHeads() * capacity * config.headDim() * Float.BYTES;
        if (layerBytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "%d slots of %d tokens take %d bytes per layer, allowed are %d: lower one"
                            .formatted(slots, capacity, layerBytes, Integer.MAX_VALUE));
        }
    }

    static long bytesPerToken(ModelConfig config) {
        return 2L * config.layers() * config.kvHeads() * config.headDim() * Float.BYTES;
    }

    OnnxTensor keys(int layer, int slot, int count) {
        return view(keys.get(layer), 2 * layer, slot, count);
    }

    OnnxTensor values(int layer, int slot, int count) {
        return view(values.get(layer), 2 * layer + 1, slot, count);
    }

    OnnxTensor cos() {
        return cos;
    }

    OnnxTensor sin() {
        return sin;
    }

    /** Copies the first positions of a slot to another, in every layer. */
    void copy(int from, int to, int tokens) {
        for (int layer = 0; layer < keys.size(); layer++) {
            copy(keys.get(layer), from, to, tokens);
            copy(values.get(layer), from, to, tokens);
        }
    }

    /** Memory of every layer for that many positions, in the neutral form. */
    List<ByteBuffer> newLayers(int tokens) {
        List<ByteBuffer> layers = new ArrayList<>(keys.size());
        for (int layer = 0; layer < keys.size(); layer++) {
            layers.add(
                    ByteBuffer.allocateDirect(Math.toIntExact(layerBytes(tokens)))
                            .order(ByteOrder.nativeOrder()));
        }
        return layers;
    }

    /** Copies the positions of a block out, in the neutral form. */
    void export(int slot, KvBlock into) {
        checkShape(into);
        int width = into.tokens() * headDim;
        for (int layer = 0; layer < keys.size(); layer++) {
            FloatBuffer out = floats(into, layer);
            for (FloatBuffer cache : List.of(keys.get(layer), values.get(layer))) {
                for (int head = 0; head < kvHeads; head++) {
                    out.put(cache.slice(offset(slot, head, into.fromToken()), width));
                }
            }
        }
    }

    /** Copies positions in, from the neutral form. */
    void restore(int slot, KvBlock block) {
        checkShape(block);
        for (int layer = 0; layer < keys.size(); layer++) {
            FloatBuffer in = floats(block, layer);
            int width = block.tokens() * headDim;
            for (FloatBuffer cache : List.of(keys.get(layer), values.get(layer))) {
                for (int head = 0; head < kvHeads; head++) {
                    cache.put(
                            offset(slot, head, block.fromToken()),
                            in.slice(in.position(), width),
                            0,
                            width);
                    in.position(in.position() + width);
                }
            }
        }
    }

    @Override
    public void close() {
        views.close();
        cos.close();
        sin.close();
    }

    /** A view with a position of its own: several workers may read one block. */
    private static FloatBuffer floats(KvBlock block, int layer) {
        return block.layers().get(layer).duplicate().order(ByteOrder.nativeOrder()).asFloatBuffer();
    }

    private void checkShape(KvBlock block) {
        if (block.layers().size() != keys.size()) {
            throw new IllegalArgumentException(
                    "the block has %d layers, the model %d"
                            .formatted(block.layers().size(), keys.size()));
        }
        for (ByteBuffer layer : block.layers()) {
            if (layer.remaining() != layerBytes(block.tokens())) {
                throw new IllegalArgumentException(
                        "a layer of the block has %d bytes, %d tokens need %d"
                                .formatted(
                                        layer.remaining(),
                                        block.tokens(),
                                        layerBytes(block.tokens())));
            }
        }
    }

    private long layerBytes(int tokens) {
        return 2L * kvHeads * tokens * headDim * Float.BYTES;
    }

    private int slotFloats() {
        return Math.multiplyExact(Math.multiplyExact(kvHeads, capacity), headDim);
    }

    private int offset(int slot, int head, int token) {
        return ((slot * kvHeads + head) * capacity + token) * headDim;
    }

    private void copy(FloatBuffer cache, int from, int to, int tokens) {
        for (int head = 0; head < kvHeads; head++) {
            cache.put(offset(to, head, 0), cache, offset(from, head, 0), tokens * headDim);
        }
    }

    private OnnxTensor view(FloatBuffer cache, int id, int slot, int count) {
        return views.get(
                new ViewCache.Key(id, slot, count, capacity),
                () ->
                        Tensors.of(
                                cache.slice(slot * slotFloats(), count * slotFloats()),
                                count,
                                kvHeads,
                                capacity,
                                headDim));
    }
}
