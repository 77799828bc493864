package io.hfx.engine.sampling;

/**
 * Unnormalised probabilities of a row of logits, the highest 1, with their sums by blocks, so that
 * a walk skips most tokens. Owned by one thread; memory grows to the largest row and is used again.
 */
final class Softmax {
    static final int BLOCK = 64;

    /** Buckets of {@link #bucket}. */
    static final int BUCKETS = 64 * 32 + 1;

    /**
     * The relative error of a weight, doubled; for bounds that compare weights in place of logits.
     */
    static final double SLACK = 1e-4;

    /** Tokens below this share of the highest probability add nothing to a sum. */
    private static final float NEGLIGIBLE = 0x1p-64f;

    private static final double LOG2_E = 1.4426950408889634;

    private float[] weights = new float[0];
    private double[] blocks = new double[0];
    private int size;
    private float highest;
    private float scale;

    /**
     * Weighs a row.
     *
     * @param most the highest of the first {@code count} logits
     * @param temperature above 0
     * @return the sum of all weights
     */
    double weigh(float[] logits, int count, float most, double temperature) {
        if (weights.length < count) {
            weights = new float[count];
            blocks = new double[(count + BLOCK - 1) / BLOCK];
        }
        size = count;
        highest = most;
        scale = (float) (LOG2_E / temperature);
        float factor = scale;
        for (int id = 0; id < count; id++) {
            weights[id] = exp2(Math.max(-126, (logits[id] - most) * factor));
        }
        double total = 0;
        for (int block = 0; block * BLOCK < count; block++) {
            blocks[block] = sum(block * BLOCK, Math.min(count, (block + 1) * BLOCK));
            total += blocks[block];
        }
        return total;
    }

    /** Weight of a token; 0 where it is negligible. */
    float weight(int id) {
        return weights[id];
    }

    /**
     * Buckets by the logarithm of the weight, 32 to a factor of two, the highest first: a token
     * with a higher logit is never in a later one.
     */
    int bucket(float logit) {
        return (int) Math.min(BUCKETS - 1, (highest - logit) * scale * 32);
    }

    /** Sum of the weights of tokens {@code [block * BLOCK, (block + 1) * BLOCK)}. */
    double block(int block) {
        return blocks[block];
    }

    /** The first token, by id, where the running sum of weights exceeds the target; or -1. */
    int at(double target) {
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
        return -1;
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
}
