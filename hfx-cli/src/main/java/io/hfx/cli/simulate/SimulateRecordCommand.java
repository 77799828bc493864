package io.hfx.cli.simulate;

import io.hfx.cli.UserError;
import io.hfx.cli.process.Program;
import io.hfx.cli.process.SampleCheckpoint;
import io.hfx.cli.record.OfferedLoad;
import io.hfx.cli.record.RecordPlan;
import io.hfx.cli.record.Recorder;
import io.hfx.plugin.config.SloClasses;
import io.hfx.simulator.workload.ClassMix;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Records a live server under load, for {@code hfx simulate fidelity}. */
@Command(
        name = "record",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Record a live server under load, for hfx simulate fidelity.",
            "Starts servers of its own. The first recording in a folder measures the server itself"
                    + " before: its capacity, its front, its steps."
        })
final class SimulateRecordCommand implements Callable<Integer> {
    private static final double MOST_CAPACITY = 100_000;
    private static final double MOST_LOAD = 3;
    private static final double MOST_SECONDS = 3_600;

    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FOLDER", description = "Where recordings go; made if needed.")
    private Path folder = Path.of("");

    @Option(
            names = "--emulated",
            paramLabel = "PROFILE",
            description =
                    "Emulate workers of this latency profile, a name or a file (default: ONNX"
                            + " Runtime).")
    private @Nullable String profile;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "A checkpoint (default: the sample model, made in ~/.cache/hfx).")
    private @Nullable Path model;

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "1",
            description = "Replicas of the model (default: ${DEFAULT-VALUE}).")
    private int workers;

    @Option(
            names = "--kv-slots",
            paramLabel = "N",
            defaultValue = "16",
            description = "Sequences of one worker (default: ${DEFAULT-VALUE}).")
    private int slots;

    @Option(
            names = "--context",
            paramLabel = "N",
            defaultValue = "2048",
            description = "Tokens of the longest request (default: ${DEFAULT-VALUE}).")
    private int contextTokens;

    @Option(
            names = "--workload",
            paramLabel = "NAME",
            defaultValue = "mixed",
            description =
                    "chat, code, summarise, agent or mixed, with Poisson arrivals (default:"
                            + " ${DEFAULT-VALUE}).")
    private String shape;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Azure CSV, Mooncake JSONL or BurstGPT CSV, in stretched time, instead.")
    private @Nullable Path trace;

    @Option(
            names = "--classes",
            required = true,
            paramLabel = "FILE",
            description = "SLO classes (JSON).")
    private Path classes = Path.of("");

    @Option(
            names = "--assign",
            paramLabel = "NAME=SHARE,...",
            description = "Put requests into these classes at random; a trace needs it.")
    private @Nullable String assign;

    @Option(
            names = "--policies",
            split = ",",
            defaultValue = "hfx",
            paramLabel = "A,B,...",
            description = "Which schedule (default: ${DEFAULT-VALUE}).")
    private List<String> policies;

    @Option(
            names = "--loads",
            split = ",",
            defaultValue = "0.3,0.6,0.85,0.95",
            paramLabel = "F",
            description = "Shares of the capacity (default: ${DEFAULT-VALUE}).")
    private List<Double> loads;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            defaultValue = "120",
            description = "Arrivals of each run (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--calibration-seconds",
            paramLabel = "S",
            defaultValue = "20",
            description = "Each of the runs that measure the capacity (default: ${DEFAULT-VALUE}).")
    private double calibrationSeconds;

    @Option(
            names = "--capacity",
            paramLabel = "R",
            description = "Requests/s that stand for the capacity, which is not measured then.")
    private @Nullable Double capacity;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Of the load (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--pin",
            description = "Give the server core 0 for itself, and this process core 1 (taskset).")
    private boolean pinned;

    private final String mainClass;

    /** Servers are started by the program itself. */
    SimulateRecordCommand() {
        this("io.hfx.cli.Hfx");
    }

    SimulateRecordCommand(String mainClass) {
        this.mainClass = mainClass;
    }

    @Override
    public Integer call() throws InterruptedException {
        new Recorder(plan(), Program.ofThisProcess(mainClass), spec.commandLine().getErr())
                .record();
        return 0;
    }

    private RecordPlan plan() {
        for (double load : loads) {
            if (!(load > 0 && load <= MOST_LOAD)) {
                throw new UserError("--loads must be above 0 and at most 3, was " + load);
            }
        }
        for (double length : List.of(seconds, calibrationSeconds)) {
            if (!(length > 0 && length <= MOST_SECONDS)) {
                throw new UserError(
                        "--seconds and --calibration-seconds must be above 0 and at most 3600, was "
                                + length);
            }
        }
        if (capacity != null && !(capacity > 0 && capacity <= MOST_CAPACITY)) {
            throw new UserError("--capacity must be above 0 and at most 100000, was " + capacity);
        }
        if (trace != null && assign == null) {
            throw new UserError("--trace needs --assign: no trace carries classes");
        }
        return new RecordPlan(
                folder,
                profile,
                model == null ? SampleCheckpoint.inCache() : model,
                workers,
                slots,
                new OfferedLoad(
                        shape,
                        trace,
                        assign == null ? null : ClassMix.parse(assign),
                        contextTokens,
                        seed),
                classes,
                SloClasses.read(classes),
                policies,
                loads,
                seconds,
                calibrationSeconds,
                capacity,
                pinned,
                Commit.name());
    }
}
