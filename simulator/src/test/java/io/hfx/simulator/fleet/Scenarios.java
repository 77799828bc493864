package io.hfx.simulator.fleet;

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
import io.hfx.scheduler.slo.Slo;
import io.hfx.scheduler.slo.SloClass;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Fleets and workloads for tests; everything follows from a seed. */
final class Scenarios {
    static final long MS = 1_000_000L;

    /** Roughly the small sample model on one CPU thread. */
    static final LatencyModel TRUTH =
            new LatencyModel(
                    0.5 * MS, 3 * MS, 0.28 * MS, 0.1 * 1_000, 6 * MS, 0.6 * MS, 1.5 * 1_000);

    static final SloClass CHAT =
            new SloClass("chat", new Slo(800 * MS, 60 * MS, Slo.NONE), OnMiss.DEMOTE, 1);
    static final SloClass CODE =
            new SloClass("code", new Slo(400 * MS, 50 * MS, Slo.NONE), OnMiss.REJECT, 1);
    static final SloClass REPORT =
            new SloClass("report", new Slo(Slo.NONE, Slo.NONE, 30_000 * MS), OnMiss.DEMOTE, 1);

    /** A tenth of the transfers fails; the others take some steps. */
    static final NetworkSpec NETWORK = new NetworkSpec(MS, 100_000, 1e9, 0.1);

    private Scenarios() {}

    static Policy policy(String name) {
        return Policies.named(name, Scenarios.class.getClassLoader());
    }

    static List<WorkerSpec> workers(int n, KvBudget kv) {
        List<WorkerSpec> specs = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            specs.add(
                    new WorkerSpec(
                            new WorkerId("worker-" + i),
                            WorkerSpec.Kind.TOKEN_LEVEL,
                            kv,
                            16,
                            true,
                            TRUTH.times(0.7)));
        }
        return specs;
    }

    static SimSettings settings(String policy, int workers, KvBudget kv, long seed) {
        return settings(
                policy(policy), workers(workers, kv), new StepTiming(TRUTH, 0.1, 0, 8), seed);
    }

    static SimSettings settings(
            Policy policy, List<WorkerSpec> workers, StepTiming timing, long seed) {
        return new SimSettings(
                policy,
                PolicyConfig.DEFAULTS,
                DispatcherLimits.DEFAULTS,
                workers.stream().map(w -> new SimWorkerSpec(w, timing, true)).toList(),
                NETWORK,
                seed);
    }

    /** Anything that can come: groups, best effort, cancels, tiny and long prompts. */
    static List<SimRequest> wild(int n, double ratePerSecond, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<SloClass> classes = List.of(CHAT, CODE, REPORT, SloClass.BEST_EFFORT);
        List<SimRequest> requests = new ArrayList<>();
        double atNanos = 0;
        for (int id = 0; id < n; id++) {
            atNanos += -Math.log(1 - random.nextDouble()) / ratePerSecond * 1e9;
            List<Integer> prompts = new ArrayList<>();
            for (int p = random.nextInt(10) == 0 ? 3 : 1; p > 0; p--) {
                prompts.add(1 + random.nextInt(random.nextInt(5) == 0 ? 1_500 : 300));
            }
            int choices = random.nextInt(8) == 0 ? 1 + random.nextInt(4) : 1;
            int maxTokens = 1 + random.nextInt(100);
            SloClass sloClass = classes.get(random.nextInt(classes.size()));
            RequestSpec spec = new RequestSpec(id, sloClass, 3, prompts, choices, maxTokens);
            long leaves = random.nextInt(10) == 0 ? random.nextLong(3_000 * MS) : Long.MAX_VALUE;
            int output = 1 + random.nextInt(maxTokens);
            requests.add(new SimRequest((long) atNanos, spec, output, leaves));
        }
        return requests;
    }

    /** Three classes as in the demo; each states what it needs. */
    static List<SimRequest> threeClasses(double ratePerSecond, double seconds, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<SimRequest> requests = new ArrayList<>();
        double at = 0;
        for (int id = 0; ; id++) {
            at += -Math.log(1 - random.nextDouble()) / ratePerSecond;
            if (at > seconds) {
                return requests;
            }
            double kind = random.nextDouble();
            SloClass c = kind < 0.5 ? CHAT : kind < 0.8 ? CODE : REPORT;
            int prompt = around(random, c.equals(CHAT) ? 160 : c.equals(CODE) ? 320 : 700);
            int output = around(random, c.equals(CHAT) ? 60 : c.equals(CODE) ? 16 : 80);
            requests.add(
                    new SimRequest(
                            Math.round(at * 1e9),
                            new RequestSpec(id, c, 3, List.of(prompt), 1, output),
                            output));
        }
    }

    private static int around(SplittableRandom random, int middle) {
        return Math.max(2, (int) (middle * (0.4 + 1.2 * random.nextDouble())));
    }
}
