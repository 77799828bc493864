package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.Workload;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.LongFunction;

/**
 * How many requests of a kind a server completes when there are always some waiting: by default 64
 * in progress, no objective stated, completed requests per second in the last three quarters of a
 * run.
 *
 * @param target the server; states no objective
 * @param workload makes more requests by seed than a run can complete; their times do not count
 * @param plan joins them with their classes
 * @param terminal shows the progress
 * @param inProgress requests that are always in progress
 */
public record Capacity(
        Target target,
        LongFunction<Workload> workload,
        Function<Workload, List<PlannedRequest>> plan,
        PrintWriter terminal,
        int inProgress) {
    /** More than any run completes. */
    public static final int ENOUGH_REQUESTS = 20_000;

    private static final int IN_PROGRESS = 64;

    /** With 64 in progress. */
    public Capacity(
            Target target,
            LongFunction<Workload> workload,
            Function<Workload, List<PlannedRequest>> plan,
            PrintWriter terminal) {
        this(target, workload, plan, terminal, IN_PROGRESS);
    }

    /**
     * Measures.
     *
     * @return requests per second of each run
     */
    public double[] measure(double seconds, int runs, long seed) throws InterruptedException {
        double[] perSecond = new double[runs];
        for (int i = 0; i < runs; i++) {
            RunResult result = saturate(seconds, seed + i);
            long fromNanos = result.windowNanos() / 4;
            long completed =
                    result.records().stream()
                            .filter(RequestRecord::completed)
                            .filter(r -> r.tokenNanos()[r.tokenNanos().length - 1] >= fromNanos)
                            .count();
            perSecond[i] = completed / ((result.windowNanos() - fromNanos) / 1e9);
        }
        return perSecond;
    }

    /** Keeps the server busy for that long. */
    public RunResult saturate(double seconds, long seed) throws InterruptedException {
        List<Arrival> atOnce = new ArrayList<>();
        for (Arrival a : workload.apply(seed).arrivals()) {
            atOnce.add(new Arrival(0, a.sloClass(), a.promptTokens(), a.outputTokens()));
        }
        long windowNanos = (long) (seconds * 1e9);
        Workload queued = new Workload("saturating", atOnce, windowNanos, 0, 0);
        LoadTest test =
                new LoadTest(
                        target,
                        plan.apply(queued),
                        new RunLimits(windowNanos, 0, inProgress),
                        seed);
        RunResult result = test.run(terminal, new CountDownLatch(0));
        if (result.interrupted()) {
            throw new UserError("interrupted");
        }
        return result;
    }

    /** The middle one of an odd number of values. */
    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
