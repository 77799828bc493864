package io.hfx.engine.executor;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * KV of a run of positions in the neutral form, which every executor reads and writes. Keys are
 * stored after the rotary embedding.
 *
 * @param modelHash hash of the model that produced it
 * @param dtype element type, for example {@code F32}
 * @param fromToken first position
 * @param tokens number of positions
 * @param layers per layer one buffer of shape [K|V][kvHeads][tokens][headDim], native byte order
 */
public record KvBlock(
        String modelHash, String dtype, int fromToken, int tokens, List<ByteBuffer> layers) {
    public KvBlock {
        layers = List.copyOf(layers);
    }

    /** The same memory for other positions, as many as these. */
    public KvBlock at(int otherFromToken) {
        return new KvBlock(modelHash, dtype, otherFromToken, tokens, layers);
    }
}
