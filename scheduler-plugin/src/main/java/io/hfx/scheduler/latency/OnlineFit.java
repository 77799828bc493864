package io.hfx.scheduler.latency;

import java.util.Arrays;

/**
 * Fits a {@link LatencyModel} to measured steps as they come: least squares with exponential
 * forgetting, coefficients kept at 0 or above, a prior that fades, and outliers clipped. Ours.
 *
 * <p>A measurement above {@value #CLIP} times the prediction, or below one part in as many, counts
 * as that much, so one stall of the machine does not bend the model, while a lasting change of
 * speed still gets through within some tens of steps. Owned by one step planner.
 */
public final class OnlineFit {
    private static final int N = 7;
    private static final double FORGET = 0.97;
    private static final double CLIP = 3;
    private static final double PRIOR_WEIGHT = 0.01;

    /** A start that is further off than this factor is no knowledge, and gives way at once. */
    private static final double WILD = 8;

    /** Rough size of each feature, so that the equations are well scaled. */
    private static final double[] SCALE = {1, 1, 128, 16_384, 1, 8, 2_048};

    private final double[][] a = new double[N][N];
    private final double[] b = new double[N];
    private final double[] x;
    private final double[] prior;

    private final NonNegativeMinimum minimum = new NonNegativeMinimum(N);
    private final double[][] pulled = new double[N][N];
    private final double[] right = new double[N];

    /** Below this a coefficient of the prior is not held more firmly than at it. */
    private double priorFloor;

    private LatencyModel model;
    private long samples;

    public OnlineFit(LatencyModel start) {
        this.model = start;
        double[] raw = coefficients(start);
        this.x = new double[N];
        for (int i = 0; i < N; i++) {
            x[i] = raw[i] * SCALE[i];
        }
        this.prior = x.clone();
        this.priorFloor = floor(prior);
    }

    private static double floor(double[] prior) {
        return Math.max(1, 0.1 * Arrays.stream(prior).max().orElseThrow());
    }

    /** The model as fitted so far. */
    public LatencyModel model() {
        return model;
    }

    /** Steps learnt from. */
    public long samples() {
        return samples;
    }

    /**
     * Learns from one step.
     *
     * @param shape what ran, not empty
     * @param measuredNanos how long it took, above 0
     */
    public void learn(StepShape shape, long measuredNanos) {
        if (shape.isEmpty() || measuredNanos <= 0) {
            throw new IllegalArgumentException("nothing to learn: " + shape + ", " + measuredNanos);
        }
        double predicted = Math.max(1, model.stepNanos(shape));
        double ratio = Math.max(1 / CLIP, Math.min(measuredNanos / predicted, CLIP));
        samples++;
        double off = measuredNanos / predicted;
        if (samples == 1 && (off > WILD || off < 1 / WILD)) {
            scalePrior(off);
        }
        accumulate(features(shape), samples == 1 ? measuredNanos : ratio * predicted);
        solve();
    }

    private void scalePrior(double factor) {
        for (int i = 0; i < N; i++) {
            prior[i] *= factor;
            x[i] = prior[i];
        }
        priorFloor = floor(prior);
    }

    /** Adds one equation, scaled to relative error so that short steps count as much as long. */
    private void accumulate(double[] f, double nanos) {
        double weight = 1 / (nanos * nanos);
        for (int i = 0; i < N; i++) {
            b[i] = FORGET * b[i] + weight * f[i] * nanos;
            for (int j = 0; j < N; j++) {
                a[i][j] = FORGET * a[i][j] + weight * f[i] * f[j];
            }
        }
    }

    /** The optimum, with each coordinate pulled a little towards the prior. */
    private void solve() {
        for (int i = 0; i < N; i++) {
            double size = Math.max(prior[i], priorFloor);
            double pull = PRIOR_WEIGHT / (size * size);
            System.arraycopy(a[i], 0, pulled[i], 0, N);
            pulled[i][i] += pull;
            right[i] = b[i] + pull * prior[i];
        }
        minimum.find(pulled, right, x);
        model =
                new LatencyModel(
                        x[0] / SCALE[0],
                        x[1] / SCALE[1],
                        x[2] / SCALE[2],
                        x[3] / SCALE[3],
                        x[4] / SCALE[4],
                        x[5] / SCALE[5],
                        x[6] / SCALE[6]);
    }

    private static double[] coefficients(LatencyModel m) {
        return new double[] {
            m.baseNanos(),
            m.runNanos(),
            m.tokenNanos(),
            m.pairNanos(),
            m.decodeBaseNanos(),
            m.decodeNanos(),
            m.contextNanos()
        };
    }

    private static double[] features(StepShape s) {
        double[] raw = {
            1,
            s.prefillRuns(),
            s.prefillTokens(),
            s.attentionPairs(),
            s.decodes() > 0 ? 1 : 0,
            s.decodes(),
            s.contextTokens()
        };
        for (int i = 0; i < N; i++) {
            raw[i] /= SCALE[i];
        }
        return raw;
    }
}
