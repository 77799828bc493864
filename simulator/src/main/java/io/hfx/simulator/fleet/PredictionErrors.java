package io.hfx.simulator.fleet;

/** How far workers' latency models were from the steps that they ran: sums over steps. */
final class PredictionErrors {
    private long steps;
    private double offSum;
    private double biasSum;

    /** One step more. */
    void add(long predictedNanos, long tookNanos) {
        double bias = (double) (predictedNanos - tookNanos) / tookNanos;
        steps++;
        offSum += Math.abs(bias);
        biasSum += bias;
    }

    /** All of another's, too. */
    void add(PredictionErrors other) {
        steps += other.steps;
        offSum += other.offSum;
        biasSum += other.biasSum;
    }

    /** Mean of |predicted - took| / took; 0 without steps. */
    double mape() {
        return offSum / Math.max(1, steps);
    }

    /** Mean of (predicted - took) / took; 0 without steps. */
    double bias() {
        return biasSum / Math.max(1, steps);
    }
}
