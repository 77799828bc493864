package io.hfx.simulator.traffic;

import io.hfx.simulator.workload.Arrival;
import java.util.Map;
import java.util.SplittableRandom;

/** What a predictor says of a request's output when it arrives. */
public sealed interface OutputPrediction {
    /** Nobody predicts. */
    record None() implements OutputPrediction {}

    /**
     * The true length times a log-normal factor; the oracle with a bias of 1 and no spread.
     *
     * @param bias factor on every length, 0.01 to 100
     * @param sigma standard deviation of the logarithm, 0 to 3
     */
    record Noisy(double bias, double sigma) implements OutputPrediction {
        public static final Noisy ORACLE = new Noisy(1, 0);

        public Noisy {
            if (!(bias >= 0.01 && bias <= 100) || !(sigma >= 0 && sigma <= 3)) {
                throw new IllegalArgumentException(
                        "bias must be 0.01 to 100 and sigma 0 to 3, were " + bias + ", " + sigma);
            }
        }
    }

    /**
     * The mean of the request's class.
     *
     * @param tokens mean output tokens by class; 0 is said of other classes
     */
    record ClassMean(Map<String, Integer> tokens) implements OutputPrediction {
        public ClassMean {
            tokens = Map.copyOf(tokens);
        }
    }

    /** What is said of a request: output tokens, 0 for nothing. */
    default int of(Arrival arrival, SplittableRandom random) {
        if (this instanceof Noisy noisy) {
            double factor = noisy.bias() * Math.exp(noisy.sigma() * random.nextGaussian());
            double tokens = Math.rint(arrival.outputTokens() * factor);
            return (int) Math.max(1, Math.min(Integer.MAX_VALUE, tokens));
        }
        if (this instanceof ClassMean mean) {
            return mean.tokens().getOrDefault(arrival.sloClass(), 0);
        }
        return 0;
    }
}
