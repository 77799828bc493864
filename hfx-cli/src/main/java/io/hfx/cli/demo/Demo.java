package io.hfx.cli.demo;

import io.hfx.cli.UserError;
import io.hfx.cli.bench.Capacity;
import io.hfx.cli.bench.LoadTest;
import io.hfx.cli.bench.Report;
import io.hfx.cli.bench.RunLimits;
import io.hfx.cli.bench.RunResult;
import io.hfx.cli.bench.WorkloadOptions;
import io.hfx.cli.process.Children;
import io.hfx.cli.process.Program;
import io.hfx.cli.process.SampleCheckpoint;
import io.hfx.cli.process.ServerProcess;
import io.hfx.simulator.workload.ArrivalProcess;
import io.hfx.simulator.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Measures the capacity, then plays the same load to a fresh server under each policy. */
public final class Demo {
    private static final String CALIBRATION_POLICY = "sarathi";

    private final DemoPlan plan;
    private final Program program;
    private final PrintWriter terminal;
    private final DemoMix mix = DemoMix.load();

    /**
     * @param program starts servers
     * @param terminal told what is going on
     */
    public Demo(DemoPlan plan, Program program, PrintWriter terminal) {
        this.plan = plan;
        this.program = program;
        this.terminal = terminal;
    }

    /** Runs it all; whatever happens, no process stays behind. */
    public DemoReport run() throws InterruptedException {
        try (Children children = new Children()) {
            Files.createDirectories(plan.work());
            Path classes = plan.work().resolve("classes.json");
            Files.writeString(classes, mix.classesJson());
            makeModel(children);
            double[] capacities = calibrate(children, classes);
            double perSecond = plan.rateFactor() * Capacity.median(capacities);
            say(
                    "capacity %.2f requests/s (median of %s); offering %.2f/s",
                    Capacity.median(capacities), rounded(capacities), perSecond);
            return new DemoReport(
                    plan, capacities, perSecond, compare(children, classes, perSecond));
        } catch (IOException e) {
            throw new UserError("cannot write to " + plan.work() + ": " + e);
        }
    }

    private void makeModel(Children children) throws InterruptedException, IOException {
        if (!SampleCheckpoint.exists(plan.model())) {
            say("making the sample model in %s", plan.model());
            Path log = plan.work().resolve("model.log");
            SampleCheckpoint.make(plan.model(), program, children, log);
        }
    }

    private ServerProcess serve(Children children, Path classes, String policy)
            throws InterruptedException {
        return ServerProcess.start(
                program,
                children,
                plan.port(),
                plan.work().resolve("serve-" + policy + ".log"),
                List.of(
                        "--model",
                        plan.model().toString(),
                        "--policy",
                        policy,
                        "--classes",
                        classes.toString()));
    }

    private double[] calibrate(Children children, Path classes) throws InterruptedException {
        say("measuring the capacity under %s", CALIBRATION_POLICY);
        try (ServerProcess server = serve(children, classes, CALIBRATION_POLICY)) {
            warmUp(server);
            double[] perSecond =
                    capacity(server)
                            .measure(
                                    plan.calibrationSeconds(),
                                    DemoPlan.CALIBRATION_RUNS,
                                    plan.seed());
            if (!(Capacity.median(perSecond) > 0)) {
                throw new UserError(
                        "no request completed while measuring the capacity, see " + plan.work());
            }
            return perSecond;
        }
    }

    private Map<String, PolicyRun> compare(Children children, Path classes, double perSecond)
            throws InterruptedException {
        Workload load = generate(perSecond, (long) (plan.seconds() * 1e9), plan.seed());
        Map<String, PolicyRun> runs = new LinkedHashMap<>();
        for (String policy : plan.policies()) {
            say("%s: %d requests in %.0f s", policy, load.arrivals().size(), plan.seconds());
            try (ServerProcess server = serve(children, classes, policy)) {
                warmUp(server);
                RunLimits limits =
                        new RunLimits(
                                load.windowNanos(), (long) (plan.drainSeconds() * 1e9), 100_000);
                RunResult result = load(server, load, limits, plan.seed());
                Report report = Report.of(config(policy, perSecond), result);
                runs.put(policy, new PolicyRun(report, result));
                say("%s: %.1f %% met", policy, 100 * report.attainment());
            }
        }
        return runs;
    }

    private Map<String, Object> config(String policy, double perSecond) {
        return Map.of("policy", policy, "rate", perSecond, "seed", plan.seed(), "workload", "demo");
    }

    private void warmUp(ServerProcess server) throws InterruptedException {
        capacity(server).saturate(plan.warmupSeconds(), ~plan.seed());
    }

    /** Of the same mix. */
    private Capacity capacity(ServerProcess server) throws InterruptedException {
        return new Capacity(
                server.target(false),
                seed -> generate(Capacity.ENOUGH_REQUESTS, 1_000_000_000, seed),
                load -> WorkloadOptions.plan(load, mix.classes()),
                terminal);
    }

    private Workload generate(double perSecond, long windowNanos, long seed) {
        return mix.shape().generate(new ArrivalProcess.Poisson(), perSecond, windowNanos, seed);
    }

    private RunResult load(ServerProcess server, Workload workload, RunLimits limits, long seed)
            throws InterruptedException {
        LoadTest test =
                new LoadTest(
                        server.target(true),
                        WorkloadOptions.plan(workload, mix.classes()),
                        limits,
                        seed);
        RunResult result = test.run(terminal, new CountDownLatch(0));
        if (result.interrupted()) {
            throw new UserError("interrupted");
        }
        return result;
    }

    private void say(String format, Object... values) {
        terminal.printf("demo: " + format + "%n", values);
        terminal.flush();
    }

    private static List<String> rounded(double[] values) {
        return Arrays.stream(values).mapToObj(v -> String.format("%.2f", v)).toList();
    }
}
