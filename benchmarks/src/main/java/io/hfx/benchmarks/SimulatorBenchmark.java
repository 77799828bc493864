package io.hfx.benchmarks;

import com.sun.management.ThreadMXBean;
import io.hfx.scheduler.dispatch.DispatcherLimits;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.PolicyConfig;
import io.hfx.scheduler.slo.ScoringMode;
import io.hfx.simulator.fleet.RunTotals;
import io.hfx.simulator.fleet.SimFleet;
import io.hfx.simulator.fleet.SimRequest;
import io.hfx.simulator.fleet.SimSettings;
import io.hfx.simulator.profile.ModelError;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.profile.Profiles;
import io.hfx.simulator.score.Scoreboard;
import io.hfx.simulator.traffic.OutputPrediction;
import io.hfx.simulator.traffic.SloSets;
import io.hfx.simulator.traffic.Traffic;
import io.hfx.simulator.workload.ArrivalProcess;
import io.hfx.simulator.workload.LengthFit;
import io.hfx.simulator.workload.Shape;
import io.hfx.simulator.workload.Streams;
import java.lang.management.ManagementFactory;
import java.util.Iterator;
import java.util.List;

/**
 * How fast the simulator is: steps and requests per CPU-second for each policy, on the mixed
 * workload. Arguments: policies (comma-separated), requests, workers, requests per second and
 * worker.
 */
public final class SimulatorBenchmark {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final long SEED = 1;
    private static final long MESSAGE_NANOS = 1_000_000;

    private SimulatorBenchmark() {}

    public static void main(String[] args) {
        List<String> policies = List.of((args.length > 0 ? args[0] : "sarathi,hfx").split(","));
        long requests = args.length > 1 ? Long.parseLong(args[1]) : 20_000;
        int workers = args.length > 2 ? Integer.parseInt(args[2]) : 64;
        double perWorker = args.length > 3 ? Double.parseDouble(args[3]) : 2.5;
        System.out.printf(
                "%-14s %9s %10s %9s %9s %9s %10s %9s%n",
                "policy",
                "requests",
                "steps",
                "CPU s",
                "req/CPU-s",
                "step/CPUs",
                "in flight",
                "attained");
        for (String policy : policies) {
            run(policy, requests, workers, perWorker * workers);
        }
    }

    private static void run(String policy, long requests, int workers, double perSecond) {
        Profile profile = Profiles.named("llama-3-8b-a100");
        SimSettings settings =
                new SimSettings(
                        Policies.named(policy, SimulatorBenchmark.class.getClassLoader()),
                        PolicyConfig.DEFAULTS,
                        DispatcherLimits.DEFAULTS,
                        profile.workers(workers, ModelError.NONE, SEED),
                        profile.network(MESSAGE_NANOS),
                        SEED);
        Scoreboard scores = new Scoreboard(0);
        Iterator<SimRequest> stream = stream(profile, requests, perSecond);
        long before = THREADS.getCurrentThreadCpuTime();
        RunTotals totals = new SimFleet(settings, SimFleet.Log.NONE).run(stream, scores);
        double seconds = (THREADS.getCurrentThreadCpuTime() - before) / 1e9;
        System.out.printf(
                "%-14s %9d %10d %9.1f %9.0f %9.0f %10d %8.1f%%%n",
                policy,
                totals.arrived(),
                totals.steps(),
                seconds,
                totals.arrived() / seconds,
                totals.steps() / seconds,
                totals.mostInFlight(),
                100 * scores.overall().attainment(ScoringMode.MEAN));
    }

    private static Iterator<SimRequest> stream(Profile profile, long requests, double perSecond) {
        LengthFit fit = new LengthFit(1, profile.kv().maxSequenceTokens());
        var arrivals = Shape.named("mixed").stream(new ArrivalProcess.Poisson(), perSecond, SEED);
        return new Traffic(SloSets.named("hfx-4"), 0, OutputPrediction.Noisy.ORACLE)
                .of(Streams.map(fit::apply, Streams.first(requests, arrivals)), SEED);
    }
}
