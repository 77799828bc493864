package io.hfx.simulator.profile;

import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.latency.StepShape;
import io.hfx.simulator.fleet.StepTiming;
import java.util.Arrays;
import java.util.List;

/**
 * A latency model fitted to recorded steps: least squares of the relative error, coefficients at
 * least 0 (projected Gauss-Seidel on the normal equations), and how well it fits. Ours.
 *
 * @param model the fit
 * @param steps how many there were
 * @param meanError mean of |predicted - measured| / measured
 * @param p90Error its 90th percentile
 * @param bias mean of (predicted - measured) / measured
 * @param noiseSigma standard deviation of log(measured / predicted)
 * @param overheadNanos recorded overhead of a step without decodes; 0 where nothing was recorded
 * @param decodeOverheadNanos what each decode adds to it (least squares)
 */
public record ProfileFit(
        LatencyModel model,
        int steps,
        double meanError,
        double p90Error,
        double bias,
        double noiseSigma,
        long overheadNanos,
        long decodeOverheadNanos) {
    private static final int N = 7;
    private static final int LEAST_STEPS = 8;
    private static final int SWEEPS = 200_000;
    private static final double CONVERGED = 1e-13;

    /** Rough size of each feature, so that the equations are well scaled. */
    private static final double[] SCALE = {1, 1, 512, 131_072, 1, 8, 4_096};

    /**
     * Fits a model.
     *
     * @throws ProfileException if there are too few steps
     */
    public static ProfileFit of(List<StepRecord> steps) {
        if (steps.size() < LEAST_STEPS) {
            throw new ProfileException(
                    "a fit needs at least " + LEAST_STEPS + " steps, there are " + steps.size());
        }
        double[][] a = new double[N][N];
        double[] b = new double[N];
        for (StepRecord step : steps) {
            double[] f = features(step.shape());
            double weight = 1.0 / step.nanos();
            for (int i = 0; i < N; i++) {
                b[i] += weight * f[i];
                for (int j = 0; j < N; j++) {
                    a[i][j] += weight * f[i] * weight * f[j];
                }
            }
        }
        double[] x = solve(a, b);
        return against(new LatencyModel(x[0], x[1], x[2], x[3], x[4], x[5], x[6]), steps);
    }

    /**
     * A model scaled so that the steps of a server take as long all together as measured, the noise
     * included: least squares of the relative error lean to steps that were fast, and log-normal
     * noise has a mean above 1.
     *
     * @param steps at least one
     */
    public static ProfileFit scaled(LatencyModel model, List<StepRecord> steps) {
        double measured = steps.stream().mapToLong(StepRecord::nanos).sum();
        double predicted = steps.stream().mapToLong(s -> model.stepNanos(s.shape())).sum();
        double sigma = against(model, steps).noiseSigma();
        return against(model.times(measured / predicted / Math.exp(sigma * sigma / 2)), steps);
    }

    private static ProfileFit against(LatencyModel model, List<StepRecord> steps) {
        double[] errors =
                steps.stream()
                        .mapToDouble(s -> (double) model.stepNanos(s.shape()) / s.nanos() - 1)
                        .toArray();
        double[] overhead = overhead(steps);
        double[] sizes = Arrays.stream(errors).map(Math::abs).sorted().toArray();
        return new ProfileFit(
                model,
                steps.size(),
                Arrays.stream(sizes).average().orElseThrow(),
                sizes[(int) Math.ceil(0.9 * sizes.length) - 1],
                Arrays.stream(errors).average().orElseThrow(),
                sigma(errors),
                Math.round(overhead[0]),
                Math.round(overhead[1]));
    }

    /** How long such steps take. */
    public StepTiming timing(int slices) {
        return new StepTiming(model, noiseSigma, overheadNanos, decodeOverheadNanos, slices);
    }

    /** Of a step, and of each of its decodes; both at least 0, with the recorded mean. */
    private static double[] overhead(List<StepRecord> all) {
        List<StepRecord> steps =
                all.stream().filter(s -> s.overheadNanos() != StepRecord.UNKNOWN).toList();
        if (steps.isEmpty()) {
            return new double[2];
        }
        double x = steps.stream().mapToInt(s -> s.shape().decodes()).average().orElseThrow();
        double y = steps.stream().mapToLong(StepRecord::overheadNanos).average().orElseThrow();
        double xx = 0;
        double xy = 0;
        for (StepRecord s : steps) {
            xx += (s.shape().decodes() - x) * (s.shape().decodes() - x);
            xy += (s.shape().decodes() - x) * (s.overheadNanos() - y);
        }
        double slope = xx == 0 ? 0 : Math.max(0, Math.min(xy / xx, x == 0 ? 0 : y / x));
        return new double[] {y - slope * x, slope};
    }

    private static double sigma(double[] errors) {
        double[] logs = Arrays.stream(errors).map(e -> -Math.log1p(e)).toArray();
        double mean = Arrays.stream(logs).average().orElseThrow();
        double squares = Arrays.stream(logs).map(l -> (l - mean) * (l - mean)).sum();
        return Math.min(2, Math.sqrt(squares / logs.length));
    }

    private static double[] solve(double[][] a, double[] b) {
        double[] x = new double[N];
        for (int sweep = 0; sweep < SWEEPS; sweep++) {
            double change = 0;
            for (int i = 0; i < N; i++) {
                double right = b[i];
                for (int j = 0; j < N; j++) {
                    right -= j == i ? 0 : a[i][j] * x[j];
                }
                double next = a[i][i] > 0 ? Math.max(0, right / a[i][i]) : 0;
                change = Math.max(change, Math.abs(next - x[i]) / Math.max(1, Math.abs(next)));
                x[i] = next;
            }
            if (change < CONVERGED) {
                break;
            }
        }
        for (int i = 0; i < N; i++) {
            x[i] /= SCALE[i];
        }
        return x;
    }

    private static double[] features(StepShape s) {
        return new double[] {
            1 / SCALE[0],
            s.prefillRuns() / SCALE[1],
            s.prefillTokens() / SCALE[2],
            s.attentionPairs() / SCALE[3],
            (s.decodes() > 0 ? 1 : 0) / SCALE[4],
            s.decodes() / SCALE[5],
            s.contextTokens() / SCALE[6]
        };
    }
}
