package io.hfx.cli.record;

import io.hfx.cli.UserError;
import io.hfx.cli.bench.Capacity;
import io.hfx.cli.bench.LoadTest;
import io.hfx.cli.bench.PlannedRequest;
import io.hfx.cli.bench.RunLimits;
import io.hfx.cli.bench.RunResult;
import io.hfx.cli.bench.WorkloadOptions;
import io.hfx.cli.process.Children;
import io.hfx.cli.process.Program;
import io.hfx.cli.process.ServerProcess;
import io.hfx.simulator.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Starts the servers of a plan, and puts load on them. */
final class LiveServers {
    /** Requests that may wait centrally, with an objective and without, each. */
    static final int WAITING = 1_000;

    private static final double DRAIN_SECONDS = 120;
    private static final int MOST_OPEN = 100_000;

    /** Requests that are in progress for each slot where the capacity is measured. */
    private static final double IN_PROGRESS = 1.5;

    private final RecordPlan plan;
    private final Program program;
    private final Children children;
    private final PrintWriter terminal;

    LiveServers(RecordPlan plan, Program program, Children children, PrintWriter terminal) {
        this.plan = plan;
        this.program = program;
        this.children = children;
        this.terminal = terminal;
    }

    /**
     * Starts a server.
     *
     * @param profile file of the emulated backend's step times
     * @param steps file that gets the steps
     */
    ServerProcess start(String policy, Path profile, Path steps) throws InterruptedException {
        Path folder = plan.folder();
        Path config = folder.resolve("serve.properties");
        String keys =
                """
                hfx_workers=%d
                hfx_kv_slots=%d
                hfx_context_tokens=%d
                hfx_threads=1
                hfx_max_waiting=%d
                hfx_max_waiting_best_effort=%d
                hfx_step_log=%s
                """
                        .formatted(
                                plan.workers(),
                                plan.slots(),
                                plan.load().contextTokens(),
                                WAITING,
                                WAITING,
                                steps.toAbsolutePath());
        if (plan.profile() != null) {
            keys +=
                    """
                    hfx_backend=emulated
                    hfx_latency_profile=%s
                    """
                            .formatted(profile.toAbsolutePath());
        }
        try {
            Files.writeString(config, keys);
        } catch (IOException e) {
            throw new UserError("cannot write to " + folder + ": " + e);
        }
        return ServerProcess.start(
                program,
                children,
                0,
                folder.resolve("serve.log"),
                List.of(
                        "--model",
                        plan.model().toString(),
                        "--policy",
                        policy,
                        "--classes",
                        plan.classesFile().toString(),
                        "--config",
                        config.toString()));
    }

    /** Of the same load, enough in progress to fill every slot. */
    Capacity capacity(ServerProcess server) throws InterruptedException {
        return new Capacity(
                server.target(false),
                seed -> plan.load().at(Capacity.ENOUGH_REQUESTS, 1),
                this::planned,
                terminal,
                (int) Math.ceil(IN_PROGRESS * plan.workers() * plan.slots()));
    }

    /** Plays a load to its end. */
    RunResult play(ServerProcess server, Workload workload) throws InterruptedException {
        LoadTest test =
                new LoadTest(
                        server.target(true),
                        planned(workload),
                        new RunLimits(
                                workload.windowNanos(), (long) (DRAIN_SECONDS * 1e9), MOST_OPEN),
                        plan.load().seed());
        RunResult result = test.run(terminal, new CountDownLatch(0));
        if (result.interrupted()) {
            throw new UserError("interrupted");
        }
        return result;
    }

    private List<PlannedRequest> planned(Workload workload) {
        return WorkloadOptions.plan(workload, plan.classes());
    }
}
