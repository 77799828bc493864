package io.hfx.simulator.workload;

/**
 * A distribution of token counts given by its percentiles; between them the logarithm of the count
 * is linear in the probability.
 *
 * @param shares probabilities, ascending from 0 to 1
 * @param tokens count at each of them, ascending, at least 1
 */
record QuantileCurve(double[] shares, int[] tokens) {
    private static final double[] PUBLISHED = {
        0, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99, 1
    };

    QuantileCurve {
        if (shares.length != tokens.length || shares[0] != 0 || shares[shares.length - 1] != 1) {
            throw new IllegalArgumentException("one count for each share from 0 to 1");
        }
        for (int i = 1; i < shares.length; i++) {
            if (!(shares[i] > shares[i - 1]) || tokens[i] < tokens[i - 1] || tokens[0] < 1) {
                throw new IllegalArgumentException("percentiles must ascend, at " + shares[i]);
            }
        }
    }

    /** From the least count, P5, P10, P25, P50, P75, P90, P95, P99 and the largest. */
    static QuantileCurve of(int... tokens) {
        return new QuantileCurve(PUBLISHED, tokens);
    }

    /** Uniform in the logarithm. */
    static QuantileCurve between(int least, int largest) {
        return new QuantileCurve(new double[] {0, 1}, new int[] {least, largest});
    }

    /** The count at a probability from 0 to 1. */
    int at(double share) {
        int above = 1;
        while (above < shares.length - 1 && shares[above] < share) {
            above++;
        }
        double along = (share - shares[above - 1]) / (shares[above] - shares[above - 1]);
        double low = Math.log(tokens[above - 1]);
        double high = Math.log(tokens[above]);
        return (int) Math.round(Math.exp(low + along * (high - low)));
    }
}
