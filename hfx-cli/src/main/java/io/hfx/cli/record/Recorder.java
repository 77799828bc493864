package io.hfx.cli.record;

import io.hfx.cli.UserError;
import io.hfx.cli.bench.RequestRecord;
import io.hfx.cli.bench.RunResult;
import io.hfx.cli.bench.ServerMeans;
import io.hfx.cli.process.Children;
import io.hfx.cli.process.Pinning;
import io.hfx.cli.process.Program;
import io.hfx.cli.process.SampleCheckpoint;
import io.hfx.cli.process.ServerProcess;
import io.hfx.simulator.fidelity.LiveFleet;
import io.hfx.simulator.fidelity.LiveRun;
import io.hfx.simulator.fidelity.Recording;
import io.hfx.simulator.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Plays loads to live servers, one for each policy, and writes down what came back. The first
 * recording in a folder measures the server itself before.
 */
public final class Recorder {
    private final RecordPlan plan;
    private final Program program;
    private final PrintWriter terminal;
    private final Recording recording;

    /**
     * @param program starts servers
     * @param terminal told what is going on
     */
    public Recorder(RecordPlan plan, Program program, PrintWriter terminal) {
        this.plan = plan;
        this.program = program;
        this.terminal = terminal;
        this.recording = new Recording(plan.folder());
    }

    /** Records it all; whatever happens, no process stays behind. */
    public void record() throws InterruptedException {
        try (Children children = new Children()) {
            Files.createDirectories(plan.folder());
            Program server = plan.pinned() ? pinned() : program;
            LiveServers servers = new LiveServers(plan, server, children, terminal);
            if (!SampleCheckpoint.exists(plan.model())) {
                say("making the sample model in %s", plan.model());
                Path log = plan.folder().resolve("model.log");
                SampleCheckpoint.make(plan.model(), program, children, log);
            }
            if (!recording.hasFleet()) {
                say("measuring the server");
                recording.write(new Calibration(plan, recording, servers).measure());
            }
            LiveFleet fleet = recording.fleet();
            if (!plan.fits(fleet)) {
                throw new UserError(
                        plan.folder()
                                + " holds recordings of another backend, size or other classes:"
                                + " name another folder");
            }
            say("capacity %.2f requests/s", fleet.capacityPerSecond());
            for (String policy : plan.policies()) {
                play(servers, fleet, policy);
            }
        } catch (IOException e) {
            throw new UserError("cannot write to " + plan.folder() + ": " + e);
        }
    }

    private Program pinned() throws InterruptedException {
        Pinning.thisProcess(1);
        return program.onCore(0);
    }

    /** All loads on one server, which has time to compile itself before. */
    private void play(LiveServers servers, LiveFleet fleet, String policy)
            throws InterruptedException {
        Path steps = recording.steps(policy, plan.loads().get(0));
        try (ServerProcess server = servers.start(policy, recording.profile(), steps)) {
            servers.capacity(server).saturate(plan.calibrationSeconds(), 0);
            for (double load : plan.loads()) {
                double perSecond = load * fleet.capacityPerSecond();
                Workload workload = plan.load().at(perSecond, plan.seconds());
                say("%s at %.2f: %d requests", policy, load, workload.arrivals().size());
                ServerMeans means = ServerMeans.since(server.target(false));
                RunResult result = servers.play(server, workload);
                recording.write(
                        run(
                                policy,
                                load,
                                String.valueOf(steps.getFileName()),
                                result,
                                means.millis()));
            }
        }
    }

    private static LiveRun run(
            String policy,
            double load,
            String steps,
            RunResult result,
            Map<String, Double> serverMillis) {
        List<LiveRun.Request> requests = result.records().stream().map(Recorder::request).toList();
        double seconds = result.windowNanos() / 1e9;
        long tokens = result.records().stream().mapToLong(r -> r.tokenNanos().length).sum();
        return new LiveRun(
                policy,
                load,
                requests.size() / seconds,
                seconds,
                steps,
                result.startEpochNanos(),
                result.clientCpuNanos() / 1e3 / Math.max(1, tokens),
                serverMillis,
                requests);
    }

    private static LiveRun.Request request(RequestRecord r) {
        long[] nanos = r.completed() ? r.tokenNanos() : new long[0];
        return new LiveRun.Request(
                r.planned().arrival().atNanos(),
                r.planned().sloClass().name(),
                r.planned().arrival().promptTokens(),
                r.planned().arrival().outputTokens(),
                Arrays.stream(nanos).mapToObj(at -> Math.round(at / 1e3)).toList());
    }

    private void say(String format, Object... values) {
        terminal.printf("record: " + format + "%n", values);
        terminal.flush();
    }
}
