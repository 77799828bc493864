package io.hfx.engine.checkpoint;

/**
 * A rotary position embedding (Su et al. 2021): pair i of a head turns by position times frequency
 * i. The forms are those of the Hugging Face {@code rope_type}s and differ in their frequencies,
 * one also in the length of what is turned. Frequencies are float32, as in transformers; the text
 * form of each is part of a model's identity.
 */
public sealed interface Rope {
    /** Base of the frequencies. */
    double theta();

    /** The value of {@code rope_type}. */
    String type();

    /** Angle per position of each pair, headDim / 2 values. */
    default float[] frequencies(int headDim) {
        float[] frequencies = new float[headDim / 2];
        for (int pair = 0; pair < frequencies.length; pair++) {
            double plain = Math.pow(theta(), -2.0 * pair / headDim);
            frequencies[pair] = (float) scaled(plain, pair, headDim);
        }
        return frequencies;
    }

    /** The frequency of a pair, from that of the default form. */
    double scaled(double plain, int pair, int headDim);

    /** Factor on cosine and sine, so on queries and keys. */
    default double scale() {
        return 1;
    }

    /** No scaling: frequency theta^(-2i/headDim). */
    record Default(double theta) implements Rope {
        @Override
        public String type() {
            return "default";
        }

        @Override
        public double scaled(double plain, int pair, int headDim) {
            return plain;
        }

        @Override
        public String toString() {
            return "default, base " + theta;
        }
    }

    /** All frequencies divided by the factor (kaiokendev 2023). */
    record Linear(double theta, double factor) implements Rope {
        @Override
        public String type() {
            return "linear";
        }

        @Override
        public double scaled(double plain, int pair, int headDim) {
            return plain / factor;
        }

        @Override
        public String toString() {
            return "linear, base " + theta + ", factor " + factor;
        }
    }

    /**
     * NTK scaling whose base grows with the length of the text once that exceeds {@code
     * max_position_embeddings}; up to there it is the default form. Beyond it the keys in a cache
     * would hang on how the text was cut into steps, so {@link ModelConfig#maxPositions} ends there
     * and this has no other frequencies than the default.
     */
    record Dynamic(double theta, double factor) implements Rope {
        @Override
        public String type() {
            return "dynamic";
        }

        @Override
        public double scaled(double plain, int pair, int headDim) {
            return plain;
        }

        @Override
        public String toString() {
            return "dynamic, base " + theta + ", factor " + factor;
        }
    }

    /**
     * Llama 3.1: wavelengths above originalPositions / lowFrequencyFactor are stretched by the
     * factor, those below originalPositions / highFrequencyFactor stay, between them it blends.
     *
     * @param originalPositions context of the pre-training
     */
    record Llama3(
            double theta,
            double factor,
            double lowFrequencyFactor,
            double highFrequencyFactor,
            int originalPositions)
            implements Rope {
        @Override
        public String type() {
            return "llama3";
        }

        @Override
        public double scaled(double plain, int pair, int headDim) {
            double turns = originalPositions * plain / (2 * Math.PI);
            double stays =
                    (turns - lowFrequencyFactor) / (highFrequencyFactor - lowFrequencyFactor);
            double kept = Math.min(1, Math.max(0, stays));
            return (1 - kept) * plain / factor + kept * plain;
        }

        @Override
        public String toString() {
            return "llama3, base %s, factor %s, frequency factors %s and %s, original positions %d"
                    .formatted(
                            theta,
                            factor,
                            lowFrequencyFactor,
                            highFrequencyFactor,
                            originalPositions);
        }
    }

    /**
     * YaRN (Peng et al. 2023): pairs that turn more than betaFast times within the original context
     * stay, those that turn less than betaSlow times are stretched by the factor, a ramp between.
     * The ramp is in float32, as in transformers: near its ends that shows in the last digits.
     *
     * @param originalPositions context of the pre-training
     * @param truncate whether the ramp starts and ends at whole pairs
     * @param scale on cosine and sine
     */
    record Yarn(
            double theta,
            double factor,
            int originalPositions,
            double betaFast,
            double betaSlow,
            boolean truncate,
            double scale)
            implements Rope {
        @Override
        public String type() {
            return "yarn";
        }

        @Override
        public double scaled(double plain, int pair, int headDim) {
            double from = pairOf(betaFast, headDim);
            double to = pairOf(betaSlow, headDim);
            from = Math.max(0, truncate ? Math.floor(from) : from);
            to = Math.min(headDim - 1, truncate ? Math.ceil(to) : to);
            double width = from == to ? 0.001 : to - from;
            float ramp = (pair - (float) from) / (float) width;
            float kept = 1 - Math.min(1, Math.max(0, ramp));
            return (float) (plain / factor) * (1 - kept) + (float) plain * kept;
        }

        /** The pair, maybe between two, that turns so often within the original context. */
        private double pairOf(double turns, int headDim) {
            return headDim
                    * Math.log(originalPositions / (turns * 2 * Math.PI))
                    / (2 * Math.log(theta));
        }

        @Override
        public String toString() {
            return "yarn, base %s, factor %s, original positions %d, betas %s and %s%s, scale %s"
                    .formatted(
                            theta,
                            factor,
                            originalPositions,
                            betaFast,
                            betaSlow,
                            truncate ? "" : " not truncated",
                            scale);
        }
    }
}
