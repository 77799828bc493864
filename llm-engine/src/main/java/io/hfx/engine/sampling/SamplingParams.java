package io.hfx.engine.sampling;

/**
 * How the next token is chosen. {@link Sampler} says in which order the parts apply.
 *
 * @param temperature 0 to 2; below {@value #GREEDY_BELOW} is greedy: the highest logit, ties to the
 *     lowest id
 * @param topP share of probability kept, above 0 to 1
 * @param topK most likely tokens kept; 0 keeps all
 * @param minP share of the highest probability that a token must have, 0 to 1
 * @param repetitionPenalty factor against tokens of prompt and output, {@value
 *     #MIN_REPETITION_PENALTY} to {@value #MAX_REPETITION_PENALTY}; 1 is none
 * @param presencePenalty taken once off the logit of a token of the output, -2 to 2
 * @param frequencyPenalty taken off as often as the token stands in the output, -2 to 2
 * @param logitBias added to logits
 * @param seed of the counter-based draws
 */
public record SamplingParams(
        double temperature,
        double topP,
        int topK,
        double minP,
        double repetitionPenalty,
        double presencePenalty,
        double frequencyPenalty,
        LogitBias logitBias,
        long seed) {
    public static final double GREEDY_BELOW = 1e-5;
    public static final double MIN_REPETITION_PENALTY = 0.01;
    public static final double MAX_REPETITION_PENALTY = 100;

    public static final SamplingParams GREEDY = builder().temperature(0).build();

    public SamplingParams {
        check("temperature", temperature, 0, 2);
        check("topP", topP, Double.MIN_VALUE, 1);
        check("topK", topK, 0, Integer.MAX_VALUE);
        check("minP", minP, 0, 1);
        check(
                "repetitionPenalty",
                repetitionPenalty,
                MIN_REPETITION_PENALTY,
                MAX_REPETITION_PENALTY);
        check("presencePenalty", presencePenalty, -2, 2);
        check("frequencyPenalty", frequencyPenalty, -2, 2);
    }

    private static void check(String name, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(
                    name + " must be " + min + " to " + max + ", was " + value);
        }
    }

    /** Starts at temperature 1, seed 0 and everything else off. */
    public static Builder builder() {
        return new Builder();
    }

    public boolean greedy() {
        return temperature < GREEDY_BELOW;
    }

    /** Whether the choice depends on the tokens before it. */
    public boolean penalises() {
        return repetitionPenalty != 1 || presencePenalty != 0 || frequencyPenalty != 0;
    }

    /** Whether fewer tokens than all of a vocabulary may be drawn. */
    boolean filters(int vocabulary) {
        return topP < 1 || (topK > 0 && topK < vocabulary) || minP > 0;
    }

    /** Collects the parts by name; each has the meaning of the record's component. */
    public static final class Builder {
        private double temperature = 1;
        private double topP = 1;
        private int topK;
        private double minP;
        private double repetitionPenalty = 1;
        private double presencePenalty;
        private double frequencyPenalty;
        private LogitBias logitBias = LogitBias.NONE;
        private long seed;

        private Builder() {}

        public Builder temperature(double value) {
            temperature = value;
            return this;
        }

        public Builder topP(double value) {
            topP = value;
            return this;
        }

        public Builder topK(int value) {
            topK = value;
            return this;
        }

        public Builder minP(double value) {
            minP = value;
            return this;
        }

        public Builder repetitionPenalty(double value) {
            repetitionPenalty = value;
            return this;
        }

        public Builder presencePenalty(double value) {
            presencePenalty = value;
            return this;
        }

        public Builder frequencyPenalty(double value) {
            frequencyPenalty = value;
            return this;
        }

        public Builder logitBias(LogitBias value) {
            logitBias = value;
            return this;
        }

        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /**
         * The parameters as collected.
         *
         * @throws IllegalArgumentException if a part is out of range
         */
        public SamplingParams build() {
            return new SamplingParams(
                    temperature,
                    topP,
                    topK,
                    minP,
                    repetitionPenalty,
                    presencePenalty,
                    frequencyPenalty,
                    logitBias,
                    seed);
        }
    }
}
