package io.hfx.simulator.paper;

import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.request.RequestSpec;
import io.hfx.scheduler.request.WorkerId;
import io.hfx.scheduler.request.WorkerSpec;
import io.hfx.scheduler.slo.OnMiss;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.fleet.NetworkSpec;
import io.hfx.simulator.fleet.SimFleet;
import io.hfx.simulator.fleet.SimOutcome;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.fleet.SimSettings;
import io.hfx.simulator.fleet.SimWorkerSpec;
import io.hfx.simulator.fleet.StepTiming;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * A small workload of the kind that a paper evaluates on, and how policies fare on it. Everything
 * follows from the seed.
 *
 * @param workers of one kind, about Llama-3-8B on an A100
 * @param kvBlocks of each, 16 tokens a block
 * @param kinds of requests, drawn by weight
 * @param ratePerSecond of Poisson arrivals
 * @param seconds of arrivals
 */
record Scenario(
        int workers,
        int kvBlocks,
        List<Kind> kinds,
        double ratePerSecond,
        double seconds,
        long seed) {
    private static final double MS = 1e6;

    /** About what Niyama's artifact fits for Llama-3-8B on an A100; see docs/policies.md. */
    private static final LatencyModel A100 =
            new LatencyModel(12 * MS, 0, 0.085 * MS, 1, 0, 0.06 * MS, 120);

    /** 100,000 tokens of KV. */
    static final int KV_BLOCKS = 6_250;

    private static final int MOST_SEQUENCES = 128;

    /**
     * One kind of requests.
     *
     * @param promptTokens mean; lengths are log-normal
     * @param sigma of the logarithm of both lengths
     * @param tenant whose they are; empty for nobody's
     */
    record Kind(
            SloClass sloClass,
            double weight,
            int promptTokens,
            int outputTokens,
            double sigma,
            String tenant) {
        static Kind of(Slo slo, double weight, int promptTokens, int outputTokens, double sigma) {
            SloClass c = new SloClass("c" + slo.hashCode(), slo, OnMiss.DEMOTE, 1);
            return new Kind(c, weight, promptTokens, outputTokens, sigma, "");
        }

        Kind by(String otherTenant) {
            return new Kind(sloClass, weight, promptTokens, outputTokens, sigma, otherTenant);
        }
    }

    /** Objectives in milliseconds; 0 for none. */
    static Slo slo(double ttftMs, double tpotMs, double e2eMs) {
        return new Slo(nanos(ttftMs), nanos(tpotMs), nanos(e2eMs));
    }

    private static long nanos(double millis) {
        return millis == 0 ? Slo.NONE : Math.round(millis * MS);
    }

    Scenario withSeed(long other) {
        return new Scenario(workers, kvBlocks, kinds, ratePerSecond, seconds, other);
    }

    Result run(String policy, Map<String, String> settings) {
        return run(Policies.named(policy, Scenario.class.getClassLoader()), settings);
    }

    Result run(Policy policy, Map<String, String> settings) {
        KvBudget kv = new KvBudget.Blocks(kvBlocks, 16, 16 * kvBlocks);
        StepTiming timing = new StepTiming(A100, 0.03, 1 * (long) MS, 16);
        List<SimWorkerSpec> specs =
                IntStream.range(0, workers)
                        .mapToObj(i -> new WorkerId("worker-" + i))
                        .map(
                                id ->
                                        new WorkerSpec(
                                                id,
                                                WorkerSpec.Kind.TOKEN_LEVEL,
                                                kv,
                                                MOST_SEQUENCES,
                                                true,
                                                A100))
                        .map(spec -> new SimWorkerSpec(spec, timing, true))
                        .toList();
        SimSettings sim =
                new SimSettings(
                        policy,
                        new PolicyConfig(settings),
                        new DispatcherLimits(100_000, 100_000),
                        specs,
                        NetworkSpec.typical(),
                        seed);
        return new Result(new SimFleet(sim, SimFleet.Log.NONE).run(requests()));
    }

    private List<SimRequest> requests() {
        SplittableRandom random = new SplittableRandom(seed);
        double weights = kinds.stream().mapToDouble(Kind::weight).sum();
        List<SimRequest> requests = new ArrayList<>();
        double at = 0;
        for (int id = 0; ; id++) {
            at += -Math.log(1 - random.nextDouble()) / ratePerSecond;
            if (at > seconds) {
                return requests;
            }
            double pick = random.nextDouble() * weights;
            int k = 0;
            while (pick >= kinds.get(k).weight()) {
                pick -= kinds.get(k++).weight();
            }
            Kind kind = kinds.get(k);
            int prompt = length(random, kind.promptTokens(), kind.sigma(), 12 * kvBlocks);
            int output = length(random, kind.outputTokens(), kind.sigma(), 3 * kvBlocks);
            RequestSpec spec =
                    new RequestSpec(id, kind.sloClass(), 3, List.of(prompt), 1, output)
                            .withTenant(kind.tenant());
            requests.add(new SimRequest(Math.round(at * 1e9), spec, output));
        }
    }

    private static int length(SplittableRandom random, int mean, double sigma, int most) {
        double gauss =
                Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
                        * Math.cos(2 * Math.PI * random.nextDouble());
        double n = mean * Math.exp(sigma * gauss - sigma * sigma / 2);
        return (int) Math.max(1, Math.min(most, Math.round(n)));
    }

    /** What became of a run. */
    record Result(List<SimOutcome> outcomes) {
        /** Share of all requests that met every objective they state, by the given mode. */
        double attainment(ScoringMode mode) {
            return share(o -> o.completed() && o.score().met(mode));
        }

        double attainment() {
            return attainment(ScoringMode.MEAN);
        }

        double ttftAttainment() {
            return share(o -> o.completed() && o.score().ttft());
        }

        double refused() {
            return share(o -> o.refused() != null);
        }

        /** Those of one tenant. */
        Result of(String tenant) {
            return new Result(
                    outcomes.stream()
                            .filter(o -> o.request().spec().tenant().equals(tenant))
                            .toList());
        }

        double share(Predicate<SimOutcome> which) {
            return (double) outcomes.stream().filter(which).count() / outcomes.size();
        }

        /** Mean end-to-end time in seconds. */
        double meanE2eSeconds() {
            return outcomes.stream()
                            .filter(SimOutcome::completed)
                            .mapToLong(o -> o.timelines().get(0).e2eNanos())
                            .average()
                            .orElseThrow()
                    / 1e9;
        }

        /** 99th percentile of the TTFT, in seconds, of those that completed. */
        double p99TtftSeconds() {
            long[] ttft =
                    outcomes.stream()
                            .filter(SimOutcome::completed)
                            .mapToLong(o -> o.timelines().get(0).ttftNanos())
                            .sorted()
                            .toArray();
            return ttft[(int) (0.99 * (ttft.length - 1))] / 1e9;
        }
    }
}
