package io.hfx.engine.sampling;

/**
 * How the next token is chosen.
 *
 * @param temperature 0 (greedy: the highest logit, ties to the lowest id) to 2
 * @param topP share of probability kept, above 0 to 1
 * @param seed of the counter-based draws
 */
public record SamplingParams(double temperature, double topP, long seed) {
    public static final SamplingParams GREEDY = new SamplingParams(0, 1, 0);

    public SamplingParams {
        if (!(temperature >= 0 && temperature <= 2)) {
            throw new IllegalArgumentException("temperature must be 0 to 2, was " + temperature);
        }
        if (!(topP > 0 && topP <= 1)) {
            throw new IllegalArgumentException("topP must be above 0 and at most 1, was " + topP);
        }
    }

    public boolean greedy() {
        return temperature == 0;
    }
}
