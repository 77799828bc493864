package io.hfx.cli.record;

import io.hfx.cli.UserError;
import io.hfx.cli.bench.Capacity;
import io.hfx.cli.bench.RunResult;
import io.hfx.cli.process.ServerProcess;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.simulator.fidelity.LiveFleet;
import io.hfx.simulator.fidelity.Recording;
import io.hfx.simulator.fleet.StepTiming;
import io.hfx.simulator.profile.Profile;
import io.hfx.simulator.profile.ProfileFit;
import io.hfx.simulator.profile.Profiles;
import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.profile.StepRecords;
import io.hfx.simulator.scenario.Figures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures a server before it is recorded: its front, its capacity under {@code sarathi}, and the
 * times of its steps, on a load apart from those that are compared.
 */
final class Calibration {
    private static final String POLICY = "sarathi";
    private static final int RUNS = 3;
    private static final double LIGHT_LOAD = 0.5;

    private final RecordPlan plan;
    private final Recording recording;
    private final LiveServers servers;
    private final int slices;

    Calibration(RecordPlan plan, Recording recording, LiveServers servers) {
        this.plan = plan;
        this.recording = recording;
        this.servers = servers;
        this.slices = ModelConfig.read(plan.model()).layers() + 1;
    }

    /** Measures, and writes the profile. */
    LiveFleet measure() throws InterruptedException, IOException {
        Profile given = plan.profile() == null ? null : Profiles.find(plan.profile());
        if (given != null) {
            writeProfile(given, new StepTiming(given.timing().model(), 0, 0, slices), "as given");
        }
        Path log = recording.steps("calibration", 0);
        RunResult probes;
        long fromEpochNanos;
        double[] perSecond;
        try (ServerProcess server = servers.start(POLICY, recording.profile(), log)) {
            Capacity capacity = servers.capacity(server);
            capacity.saturate(plan.calibrationSeconds(), 0);
            perSecond = capacity(capacity);
            fromEpochNanos = System.currentTimeMillis() * 1_000_000;
            capacity.saturate(plan.calibrationSeconds(), 2);
            double lightPerSecond = LIGHT_LOAD * Capacity.median(perSecond);
            servers.play(server, plan.load().at(lightPerSecond, plan.calibrationSeconds()));
            probes = servers.play(server, FrontProbe.workload());
        }
        List<StepRecord> steps = StepRecords.read(log);
        ProfileFit fit = fit(given, steps, fromEpochNanos);
        writeProfile(given, fit.timing(slices), "fitted to %d steps".formatted(fit.steps()));
        return new LiveFleet(
                plan.backend(),
                plan.workers(),
                plan.slots(),
                plan.load().contextTokens(),
                slices,
                LiveServers.WAITING,
                Figures.rounded(FrontProbe.millis(probes, steps)),
                Figures.rounded(Capacity.median(perSecond)),
                Arrays.stream(perSecond).map(Figures::rounded).boxed().toList(),
                new LiveFleet.Fit(
                        fit.steps(),
                        Figures.rounded(fit.meanError()),
                        Figures.rounded(fit.noiseSigma()),
                        Figures.rounded(fit.overheadNanos() / 1e6),
                        Figures.rounded(fit.decodeOverheadNanos() / 1e6)),
                plan.objectives(),
                made(given));
    }

    private double[] capacity(Capacity capacity) throws InterruptedException {
        if (plan.capacityPerSecond() != null) {
            return new double[] {plan.capacityPerSecond()};
        }
        double[] perSecond = capacity.measure(plan.calibrationSeconds(), RUNS, 1);
        if (!(Capacity.median(perSecond) > 0)) {
            throw new UserError("no request completed in time: raise --calibration-seconds");
        }
        return perSecond;
    }

    /** What the emulated backend waits by is known; only what it adds is measured. */
    private static ProfileFit fit(
            @Nullable Profile given, List<StepRecord> steps, long fromEpochNanos) {
        List<StepRecord> used =
                steps.stream().filter(s -> s.startEpochNanos() >= fromEpochNanos).toList();
        return ProfileFit.scaled(
                given == null ? ProfileFit.of(used).model() : given.timing().model(), used);
    }

    private void writeProfile(@Nullable Profile given, StepTiming timing, String how)
            throws IOException {
        String json =
                Profiles.json(
                        given == null ? "fitted" : given.name(),
                        given == null ? "sample" : given.model(),
                        given == null ? "this machine" : given.device(),
                        how,
                        timing);
        Files.writeString(recording.profile(), json);
    }

    private Map<String, String> made(@Nullable Profile given) {
        Map<String, String> made = new LinkedHashMap<>();
        made.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        made.put("commit", plan.commit());
        made.put("java", System.getProperty("java.version"));
        made.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        made.put("cores", String.valueOf(Runtime.getRuntime().availableProcessors()));
        made.put("profile", given == null ? "fitted" : given.name());
        Path trace = plan.load().trace();
        made.put(
                "workload",
                trace == null ? plan.load().shape() : String.valueOf(trace.getFileName()));
        made.put("capacity", plan.capacityPerSecond() == null ? POLICY : "given");
        made.put("pinned", plan.pinned() ? "server on core 0, client on core 1" : "no");
        return made;
    }
}
