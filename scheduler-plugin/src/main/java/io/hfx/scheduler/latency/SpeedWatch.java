package io.hfx.scheduler.latency;

/**
 * Notices that a worker's speed has changed for longer than a stall: {@value #RUN} steps in a row
 * that all took {@value #FAR} times the prediction and more, or all that much less, and agree on
 * how much. Noise with a sigma of 0.1 does that once in 10^15 steps, and with one of 1 the factors
 * hardly ever agree. Ours. Owned by one fit.
 */
final class SpeedWatch {
    static final int RUN = 8;
    static final double FAR = 1.25;

    /** Most that the largest factor of a run may be over the smallest. */
    private static final double SPREAD = 2;

    private final StepShape[] shapes = new StepShape[RUN];
    private final long[] nanos = new long[RUN];
    private int run;
    private boolean slower;

    /**
     * Looks at one more step.
     *
     * @param off its measured time over the predicted
     * @return steps in the run; 0 where this one is near enough, {@link #RUN} where it is full: the
     *     next begins anew
     */
    int run(StepShape shape, long measuredNanos, double off) {
        boolean far = off > FAR || off < 1 / FAR;
        if (!far || run == RUN || slower != off > 1) {
            run = 0;
        }
        if (far) {
            slower = off > 1;
            shapes[run] = shape;
            nanos[run] = measuredNanos;
            run++;
        }
        return run;
    }

    /** A step of the run. */
    StepShape shape(int i) {
        return shapes[i];
    }

    /** What that step took. */
    long nanos(int i) {
        return nanos[i];
    }

    /** Whether the steps of a full run took about as much longer than a model says. */
    boolean agrees(LatencyModel model) {
        double least = Double.POSITIVE_INFINITY;
        double most = 0;
        for (int i = 0; i < RUN; i++) {
            double factor = (double) nanos[i] / Math.max(1, model.stepNanos(shapes[i]));
            least = Math.min(least, factor);
            most = Math.max(most, factor);
        }
        return most <= SPREAD * least;
    }

    /** By how much the steps of a full run took longer than a model says: geometric mean. */
    double factor(LatencyModel model) {
        double sum = 0;
        for (int i = 0; i < RUN; i++) {
            sum += Math.log((double) nanos[i] / Math.max(1, model.stepNanos(shapes[i])));
        }
        return Math.exp(sum / RUN);
    }
}
