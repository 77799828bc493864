package io.hfx.simulator.workload;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How lengths are brought into a model's context. Every length is multiplied by the factor, rounded
 * and at least 1. A request that is still too long is clamped, never left out: its output to half
 * of the context at most, its prompt to what the output leaves.
 *
 * @param factor of every length, above 0
 * @param contextTokens most tokens of prompt and output together, at least 2
 */
public record LengthFit(double factor, int contextTokens) {
    public LengthFit {
        Numbers.positive("length factor", Double.toString(factor));
        if (contextTokens < 2) {
            throw new WorkloadException(
                    "the context must hold at least 2 tokens, was " + contextTokens);
        }
    }

    /** The largest factor up to 1 that brings this 99th percentile into the context. */
    public static LengthFit forP99(long totalTokensP99, int contextTokens) {
        return new LengthFit(
                Math.min(1, contextTokens / (double) Math.max(1, totalTokensP99)), contextTokens);
    }

    /** The 99th percentile (nearest rank) of prompt and output together, in tokens. */
    public static long totalTokensP99(Workload workload) {
        long[] totals = workload.arrivals().stream().mapToLong(Arrival::totalTokens).toArray();
        Arrays.sort(totals);
        return totals.length == 0 ? 0 : totals[(int) Math.ceil(0.99 * totals.length) - 1];
    }

    /** The workload with fitted lengths; the clamped ones are counted in it. */
    public Workload apply(Workload workload) {
        List<Arrival> fitted = new ArrayList<>(workload.arrivals().size());
        int clamped = 0;
        for (Arrival arrival : workload.arrivals()) {
            Arrival scaled = scaled(arrival);
            clamped += scaled.totalTokens() > contextTokens ? 1 : 0;
            fitted.add(apply(arrival));
        }
        return workload.with(fitted, workload.clampedRequests() + clamped);
    }

    /** One request with fitted lengths. */
    public Arrival apply(Arrival arrival) {
        Arrival scaled = scaled(arrival);
        return scaled.totalTokens() > contextTokens ? clamped(scaled) : scaled;
    }

    private Arrival scaled(Arrival arrival) {
        return arrival.sized(scaled(arrival.promptTokens()), scaled(arrival.outputTokens()))
                .beginning(arrival.prefix().scaled(factor));
    }

    private int scaled(int tokens) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, Math.round(tokens * factor)));
    }

    private Arrival clamped(Arrival arrival) {
        int output = Math.min(arrival.outputTokens(), contextTokens / 2);
        return arrival.sized(Math.min(arrival.promptTokens(), contextTokens - output), output);
    }
}
