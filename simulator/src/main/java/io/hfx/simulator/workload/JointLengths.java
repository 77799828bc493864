package io.hfx.simulator.workload;

import java.util.SplittableRandom;

/**
 * Prompt and output lengths drawn together: their own distributions, joined by a Gaussian copula.
 *
 * @param prompt tokens of the prompt
 * @param output tokens generated
 * @param correlation of the two underlying normal variables, above -1 and below 1
 */
record JointLengths(QuantileCurve prompt, QuantileCurve output, double correlation) {
    private static final double[] NORMAL = {
        0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429
    };

    JointLengths {
        if (!(Math.abs(correlation) < 1)) {
            throw new IllegalArgumentException("correlation must be within -1 and 1");
        }
    }

    Arrival draw(long atNanos, String sloClass, SplittableRandom random) {
        double first = random.nextGaussian();
        double own = random.nextGaussian();
        double second = correlation * first + Math.sqrt(1 - correlation * correlation) * own;
        return new Arrival(
                atNanos, sloClass, prompt.at(normalShare(first)), output.at(normalShare(second)));
    }

    /**
     * Distribution function of the standard normal. Abramowitz and Stegun 26.2.17, error below
     * 7.5e-8.
     */
    static double normalShare(double z) {
        double t = 1 / (1 + 0.2316419 * Math.abs(z));
        double series = 0;
        for (int i = NORMAL.length - 1; i >= 0; i--) {
            series = t * (NORMAL[i] + series);
        }
        double upper = Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * series;
        return z >= 0 ? 1 - upper : upper;
    }
}
