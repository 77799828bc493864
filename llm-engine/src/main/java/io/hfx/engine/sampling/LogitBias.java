package io.hfx.engine.sampling;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/** What is added to the logits of some tokens. Immutable. */
public final class LogitBias {
    public static final float MOST = 100;
    public static final LogitBias NONE = new LogitBias(new int[0], new float[0]);

    private final int[] ids;
    private final float[] biases;

    private LogitBias(int[] ids, float[] biases) {
        this.ids = ids;
        this.biases = biases;
    }

    /**
     * The given biases.
     *
     * @param biases by token id, from 0; each from -{@value #MOST} to {@value #MOST}
     * @throws IllegalArgumentException if an id or a bias is out of range
     */
    public static LogitBias of(Map<Integer, Float> biases) {
        int[] ids = new int[biases.size()];
        float[] values = new float[ids.length];
        int i = 0;
        for (Map.Entry<Integer, Float> each : new TreeMap<>(biases).entrySet()) {
            ids[i] = each.getKey();
            values[i] = each.getValue();
            if (ids[i] < 0 || !(Math.abs(values[i]) <= MOST)) {
                throw new IllegalArgumentException(
                        "bias of token " + ids[i] + " must be -100 to 100, was " + values[i]);
            }
            i++;
        }
        return new LogitBias(ids, values);
    }

    public int size() {
        return ids.length;
    }

    /** Adds the biases in place; ids at or above {@code size} have no logit and are left out. */
    void addTo(float[] logits, int size) {
        for (int i = 0; i < ids.length && ids[i] < size; i++) {
            logits[ids[i]] += biases[i];
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogitBias that
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(biases, that.biases);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(ids) + Arrays.hashCode(biases);
    }

    @Override
    public String toString() {
        return "LogitBias of " + ids.length + " tokens";
    }
}
