package io.hfx.scheduler.latency;

import java.util.Arrays;

/**
 * Fits a {@link LatencyModel} to measured steps as they come: least squares with exponential
 * forgetting, coefficients kept at 0 or above, a prior that fades, and outliers clipped. Ours.
 *
 * <p>A step weighs by the square of its predicted time, not of the measured one: that would favour
 * steps that noise made short, and predict too little.
 *
 * <p>A measurement above {@value #CLIP} times the prediction, or below one part in as many, counts
 * as that much, so one stall of the machine does not bend the model. When the machine's speed
 * changes (see {@link SpeedWatch}), all terms are taken to change with it at once, those too that
 * no step shows at the time. Owned by one step planner.
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

    private final SpeedWatch speed = new SpeedWatch();
    private final NonNegativeMinimum minimum = new NonNegativeMinimum(N);
    private final double[][] keptA = new double[N][N];
    private final double[] keptB = new double[N];
    private final double[][] pulled = new double[N][N];
    private final double[] right = new double[N];
    private final double[] along = new double[N];

    /** Below this a coefficient of the prior is not held more firmly than at it. */
    private double priorFloor;

    private LatencyModel model;

    /** The model, and with the kept equations all else, before the run of far steps began. */
    private LatencyModel before;

    private FitError error = FitError.NONE;

    public OnlineFit(LatencyModel start) {
        this.model = start;
        this.before = start;
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

    /** How far it is off, of late. */
    public FitError error() {
        return error;
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
        double measured = (double) measuredNanos;
        double off = measured / predicted;
        boolean first = error.steps() == 0;
        error = error.plus(predicted, measured);
        if (first && (off > WILD || off < 1 / WILD)) {
            scale(off);
        }
        if (first) {
            accumulate(features(shape), measured, measured);
        } else {
            follow(shape, measuredNanos, off);
        }
        solve();
    }

    /** Adds a step; where it completes a change of speed, as if that had been known before. */
    private void follow(StepShape shape, long measuredNanos, double off) {
        int run = speed.run(shape, measuredNanos, off);
        if (run == 1) {
            before = model;
            copy(a, b, keptA, keptB);
        }
        if (run < SpeedWatch.RUN || !speed.agrees(before)) {
            add(shape, measuredNanos, model);
            return;
        }
        copy(keptA, keptB, a, b);
        double factor = speed.factor(before);
        scale(factor);
        LatencyModel scaled = before.times(factor);
        for (int i = 0; i < run; i++) {
            add(speed.shape(i), speed.nanos(i), scaled);
        }
    }

    private static void copy(double[][] fromA, double[] fromB, double[][] toA, double[] toB) {
        for (int i = 0; i < N; i++) {
            System.arraycopy(fromA[i], 0, toA[i], 0, N);
        }
        System.arraycopy(fromB, 0, toB, 0, N);
    }

    private void add(StepShape shape, long measuredNanos, LatencyModel by) {
        double predicted = Math.max(1, by.stepNanos(shape));
        double ratio = Math.max(1 / CLIP, Math.min((double) measuredNanos / predicted, CLIP));
        accumulate(features(shape), ratio * predicted, predicted);
    }

    /** All that is known, as it is where every step takes so many times as long. */
    private void scale(double factor) {
        for (int i = 0; i < N; i++) {
            prior[i] *= factor;
            x[i] *= factor;
            b[i] /= factor;
            for (int j = 0; j < N; j++) {
                a[i][j] /= factor * factor;
            }
        }
        priorFloor = floor(prior);
    }

    /**
     * Adds one equation, scaled to relative error so that short steps count as much as long.
     *
     * @param typicalNanos what the error is relative to
     */
    private void accumulate(double[] f, double nanos, double typicalNanos) {
        forgetAlong(f);
        double weight = 1 / (typicalNanos * typicalNanos);
        for (int i = 0; i < N; i++) {
            b[i] += weight * f[i] * nanos;
            for (int j = 0; j < N; j++) {
                a[i][j] += weight * f[i] * f[j];
            }
        }
    }

    /**
     * Lets what is known fade only where this step tells it anew: what no step of late showed, as
     * how long few decodes take while there are always many, stays known. (Directional forgetting,
     * Cao and Schwartz 2000.)
     */
    private void forgetAlong(double[] f) {
        double known = 0;
        double told = 0;
        for (int i = 0; i < N; i++) {
            along[i] = 0;
            for (int j = 0; j < N; j++) {
                along[i] += a[i][j] * f[j];
            }
            known += f[i] * along[i];
            told += f[i] * b[i];
        }
        if (known > 0) {
            double share = (1 - FORGET) / known;
            for (int i = 0; i < N; i++) {
                b[i] -= share * told * along[i];
                for (int j = 0; j < N; j++) {
                    a[i][j] -= share * along[i] * along[j];
                }
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
