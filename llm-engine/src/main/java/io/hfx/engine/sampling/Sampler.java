package io.hfx.engine.sampling;

import java.nio.FloatBuffer;

/**
 * Chooses the next token of a sequence from logits. The order is vLLM's: end tokens are barred
 * while too few tokens are out, logit bias, repetition, frequency and presence penalty, then the
 * highest (greedy), or temperature, min-p (Nguyen et al. 2024), top-k, top-p (Holtzman et al. 2020;
 * of the probability that the former leave) and a draw. Among equal logits the lower id comes
 * first. The token depends on the logits and the sequence alone, not on earlier calls.
 *
 * <p>Not thread-safe: one per loop thread. Scratch memory grows to the largest vocabulary seen, and
 * is used again.
 */
public final class Sampler {
    private final Softmax softmax = new Softmax();
    private final Candidates candidates = new Candidates(softmax);
    private float[] logits = new float[0];

    /**
     * The next token.
     *
     * @param row one logit per token id, between position and limit; negative infinity rules a
     *     token out; read only
     * @return a token id
     * @throws IllegalArgumentException if a logit is NaN or positive infinity, or all are ruled out
     */
    public int sample(FloatBuffer row, SampledSequence sequence) {
        return sample(row, sequence, sequence.draw());
    }

    /**
     * How likely the row itself makes a token, and the likeliest ones.
     *
     * @param row as for {@link #sample}
     * @param chosen a token id of the row
     * @param alternatives how many of the likeliest are wanted, from 0
     */
    public TokenLogprobs logprobs(FloatBuffer row, int chosen, int alternatives) {
        int size = read(row);
        float highest = logits[highest(size)];
        double logSum = highest + Math.log(softmax.weigh(logits, size, highest, 1));
        int[] ids = new int[Math.min(alternatives, size)];
        float[] logprobs = new float[ids.length];
        if (ids.length > 0) {
            candidates.top(logits, size, ids.length);
        }
        for (int i = 0; i < ids.length; i++) {
            ids[i] = candidates.take();
            logprobs[i] = logprob(logits[ids[i]], logSum);
        }
        return new TokenLogprobs(logprob(logits[chosen], logSum), ids, logprobs);
    }

    private static float logprob(float logit, double logSum) {
        return (float) Math.min(0, logit - logSum);
    }

    /** With a draw from 0 to below 1. */
    int sample(FloatBuffer row, SampledSequence sequence, double draw) {
        int size = read(row);
        sequence.process(logits, size);
        int best = highest(size);
        SamplingParams params = sequence.params();
        if (params.greedy()) {
            return best;
        }
        double total = softmax.weigh(logits, size, logits[best], params.temperature());
        int id =
                params.filters(size)
                        ? filtered(size, params, total, best, draw)
                        : softmax.at(draw * total);
        return id < 0 ? best : id;
    }

    private int read(FloatBuffer row) {
        int size = row.remaining();
        if (logits.length < size) {
            logits = new float[size];
        }
        row.get(row.position(), logits, 0, size);
        return size;
    }

    private int filtered(int size, SamplingParams params, double total, int best, double draw) {
        double mass = keep(size, params, total, best);
        if (params.topP() < 1) {
            mass = candidates.retainMass(params.topP() * mass);
        }
        return candidates.at(draw * mass);
    }

    /** Keeps the candidates that min-p and top-k leave; returns the sum of their weights. */
    private double keep(int size, SamplingParams params, double total, int best) {
        boolean minP = params.minP() > 0;
        if (params.topK() > 0 && params.topK() < size) {
            candidates.top(logits, size, params.topK());
        } else if (minP) {
            candidates.above(logits, size, params.minP() * (1 - Softmax.SLACK));
        } else {
            // All tokens below the bound together are less than what top-p leaves out.
            candidates.above(logits, size, (1 - params.topP()) * total / size);
            return total;
        }
        double floor =
                minP
                        ? logits[best] + params.temperature() * Math.log(params.minP())
                        : Double.NEGATIVE_INFINITY;
        candidates.retain(floor);
        return candidates.mass();
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
}
