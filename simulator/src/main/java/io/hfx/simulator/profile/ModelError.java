package io.hfx.simulator.profile;

import io.hfx.scheduler.latency.LatencyModel;
import java.util.SplittableRandom;

/**
 * How wrong the latency model is that a policy plans with.
 *
 * @param bias factor on every coefficient, 0.01 to 100; 1 for none
 * @param sigma standard deviation of the logarithm of a factor on each coefficient, drawn once a
 *     worker, 0 to 2
 * @param learns whether the model is fitted to the steps that run, so that the error fades;
 *     otherwise it stays
 */
public record ModelError(double bias, double sigma, boolean learns) {
    /** As live: starts right and follows what is measured. */
    public static final ModelError NONE = new ModelError(1, 0, true);

    public ModelError {
        if (!(bias >= 0.01 && bias <= 100) || !(sigma >= 0 && sigma <= 2)) {
            throw new IllegalArgumentException(
                    "bias must be 0.01 to 100 and sigma 0 to 2, were " + bias + " and " + sigma);
        }
    }

    /** The model that the policy gets in place of the true one. */
    public LatencyModel of(LatencyModel truth, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new LatencyModel(
                truth.baseNanos() * factor(random),
                truth.runNanos() * factor(random),
                truth.tokenNanos() * factor(random),
                truth.pairNanos() * factor(random),
                truth.decodeBaseNanos() * factor(random),
                truth.decodeNanos() * factor(random),
                truth.contextNanos() * factor(random));
    }

    private double factor(SplittableRandom random) {
        return bias * Math.exp(sigma * random.nextGaussian());
    }
}
