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
    /** Tokens below this share of the highest probability add nothing to a sum. */
    private static final float NEGLIGIBLE = 0x1p-64f;

    /** Weights are summed in blocks, so that a draw skips most of them. */
    private static final int BLOCK = 64;

    private static final double LOG2_E = 1.4426950408889634;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private float[] logits = new float[0];
    private float[] weights = new float[0];
    private double[] blocks = new double[0];
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
            weights = new float[size];
            blocks = new double[(size + BLOCK - 1) / BLOCK];
            heap = new int[size];
        }
    }

    /** Id of the highest logit, the first of equals. */
    private int highest(int size) {
        float most = Float.NEGATIVE_INFINITY;
        for (int id = 0; id < size; id++) {
            most = Math.max(most, logits[id]);
        }
        if (Float.isNaN(most) || Float.isInfinite(most)) {
            throw broken(size, most);
        }
        int best = 0;
        while (logits[best] != most) {
            best++;
        }
        return best;
    }

    private IllegalArgumentException broken(int size, float most) {
        for (int id = 0; id < size; id++) {
            float logit = logits[id];
            if (Float.isNaN(logit) || logit == Float.POSITIVE_INFINITY) {
                return new IllegalArgumentException(
                        "the logit of token "
                                + id
                                + " is "
                                + logit
                                + ": the model's output is broken");
            }
        }
        return new IllegalArgumentException("no token is possible: all logits are " + most);
    }

    /** Unnormalised probabilities, the highest 1; returns their sum. */
    private double weigh(int size, float highest, double temperature) {
        float scale = (float) (LOG2_E / temperature);
        for (int id = 0; id < size; id++) {
            weights[id] = exp2(Math.max(-126, (logits[id] - highest) * scale));
        }
        double total = 0;
        for (int block = 0; block * BLOCK < size; block++) {
            blocks[block] = sum(block * BLOCK, Math.min(size, (block + 1) * BLOCK));
            total += blocks[block];
        }
        return total;
    }

    /** Sum of some weights; the negligible ones become 0. */
    private double sum(int from, int to) {
        double even = 0;
        double odd = 0;
        for (int id = from; id < to; id++) {
            weights[id] = weights[id] < NEGLIGIBLE ? 0 : weights[id];
            if ((id & 1) == 0) {
                even += weights[id];
            } else {
                odd += weights[id];
            }
        }
        return even + odd;
    }

    /**
     * 2 to the power of x, for x from -126 to 0: the Taylor series of its 64th root, squared six
     * times. The relative error is below 3e-5 down to x = -64. Only sums and products, so that the
     * JIT makes vector code of it; {@link Math#exp} takes ten times as long, which shows at a
     * hundred thousand logits a step. The bits are the same on every machine.
     */
    static float exp2(float x) {
        float y = x * (1 / 64f);
        float p = 1.3215487e-6f;
        p = 1.5252734e-5f + y * p;
        p = 1.540353e-4f + y * p;
        p = 1.3333558e-3f + y * p;
        p = 9.618129e-3f + y * p;
        p = 5.550411e-2f + y * p;
        p = 0.2402265f + y * p;
        p = 0.6931472f + y * p;
        p = 1 + y * p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        p *= p;
        return p * p;
    }

    private int byId(int size, double target, int best) {
        double sum = 0;
        for (int block = 0; block * BLOCK < size; block++) {
            if (target >= sum + blocks[block]) {
                sum += blocks[block];
                continue;
            }
            for (int id = block * BLOCK; id < Math.min(size, (block + 1) * BLOCK); id++) {
                sum += weights[id];
                if (target < sum) {
                    return id;
                }
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
