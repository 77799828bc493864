package io.hfx.engine.sampling;

import java.nio.FloatBuffer;

/**
 * Chooses the next token from logits: greedy, or by temperature and top-p (nucleus sampling,
 * Holtzman et al. 2020). Among equal logits the lower id comes first. What is drawn depends on the
 * logits, the parameters, and (seed, choice, position) alone, not on earlier calls.
 *
 * <p>Not thread-safe: one per loop thread. Scratch memory grows to the largest vocabulary seen, and
 * is used again.
 */
public final class Sampler {
    /** Tokens whose probability is below exp of this times the highest add nothing to a sum. */
    private static final double NEGLIGIBLE_EXPONENT = -45;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private float[] logits = new float[0];
    private double[] weights = new double[0];
    private int[] heap = new int[0];

    /**
     * The next token.
     *
     * @param row one logit per token id, between position and limit; negative infinity rules a
     *     token out
     * @param choice number of the sequence among those of one request, from 0
     * @param position of the drawn token in the sequence
     * @return a token id
     * @throws IllegalArgumentException if a logit is NaN or positive infinity, or all are ruled out
     */
    public int sample(FloatBuffer row, SamplingParams params, int choice, int position) {
        int size = row.remaining();
        ensure(size);
        row.get(row.position(), logits, 0, size);
        int best = highest(size);
        if (params.greedy()) {
            return best;
        }
        double total = weigh(size, logits[best], params.temperature());
        double draw = uniform(params.seed(), choice, position);
        return params.topP() == 1
                ? byId(size, draw * total, best)
                : byRank(size, draw, params.topP() * total, best);
    }

    private void ensure(int size) {
        if (logits.length < size) {
            logits = new float[size];
            weights = new double[size];
            heap = new int[size];
        }
    }

    private int highest(int size) {
        int best = -1;
        for (int id = 0; id < size; id++) {
            float logit = logits[id];
            if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
                throw new IllegalArgumentException(
                        "the logit of token "
                                + id
                                + " is "
                                + logit
                                + ": the model's output is broken");
            }
            if (logit > (best < 0 ? Float.NEGATIVE_INFINITY : logits[best])) {
                best = id;
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException("no token is possible: all logits are -Infinity");
        }
        return best;
    }

    /** Unnormalised probabilities, the highest 1; returns their sum. */
    private double weigh(int size, float highest, double temperature) {
        double total = 0;
        for (int id = 0; id < size; id++) {
            double exponent = ((double) logits[id] - highest) / temperature;
            weights[id] = exponent < NEGLIGIBLE_EXPONENT ? 0 : Math.exp(exponent);
            total += weights[id];
        }
        return total;
    }

    private int byId(int size, double target, int best) {
        double sum = 0;
        for (int id = 0; id < size; id++) {
            sum += weights[id];
            if (target < sum) {
                return id;
            }
        }
        return best;
    }

    /**
     * Draws among the most likely tokens that together reach {@code keep}. A heap gives them in
     * order, so that only those are sorted.
     */
    private int byRank(int size, double draw, double keep, int best) {
        int count = heapify(size);
        double kept = 0;
        int end = count;
        while (end > 0 && kept < keep) {
            int id = heap[0];
            kept += weights[id];
            end--;
            heap[0] = heap[end];
            siftDown(0, end);
            heap[end] = id;
        }
        double target = draw * kept;
        double sum = 0;
        for (int i = count - 1; i >= end; i--) {
            sum += weights[heap[i]];
            if (target < sum) {
                return heap[i];
            }
        }
        return best;
    }

    private int heapify(int size) {
        int count = 0;
        for (int id = 0; id < size; id++) {
            if (weights[id] > 0) {
                heap[count++] = id;
            }
        }
        for (int i = count / 2 - 1; i >= 0; i--) {
            siftDown(i, count);
        }
        return count;
    }

    private void siftDown(int start, int end) {
        int parent = start;
        for (int child = 2 * parent + 1; child < end; child = 2 * parent + 1) {
            if (child + 1 < end && before(heap[child + 1], heap[child])) {
                child++;
            }
            if (!before(heap[child], heap[parent])) {
                return;
            }
            int moved = heap[parent];
            heap[parent] = heap[child];
            heap[child] = moved;
            parent = child;
        }
    }

    private boolean before(int a, int b) {
        return weights[a] > weights[b] || (weights[a] == weights[b] && a < b);
    }

    /** From 0 to below 1, by the mixing of SplitMix64 over the three numbers in turn. */
    static double uniform(long seed, int choice, int position) {
        long bits = mix(mix(mix(seed + GOLDEN) + choice * GOLDEN) + position * GOLDEN);
        return (bits >>> 11) * 0x1p-53;
    }

    private static long mix(long value) {
        long z = value;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
