package io.hfx.cli.simulate;

import io.hfx.cli.UserError;
import io.hfx.simulator.profile.ProfileFit;
import io.hfx.simulator.profile.Profiles;
import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.profile.StepRecords;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a latency profile of recorded steps. */
@Command(
        name = "fit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Make a latency profile of recorded steps (JSON lines).")
final class SimulateFitCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(
            paramLabel = "STEPS",
            description =
                    "One JSON object a line: prefillRuns, prefillTokens, attentionPairs, decodes,"
                            + " contextTokens, nanos, and maybe overheadNanos, worker,"
                            + " endEpochNanos.")
    private Path steps = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The profile.")
    private Path out = Path.of("");

    @Option(
            names = "--name",
            paramLabel = "NAME",
            defaultValue = "fitted",
            description = "Its name (default: ${DEFAULT-VALUE}).")
    private String name = "fitted";

    @Option(
            names = "--model",
            defaultValue = "unknown",
            paramLabel = "NAME",
            description = "What was served.")
    private String model = "unknown";

    @Option(
            names = "--device",
            defaultValue = "unknown",
            paramLabel = "NAME",
            description = "On what.")
    private String device = "unknown";

    @Option(
            names = "--slices",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "Parts of a step between which it can be interrupted: the model's layers and one"
                            + " (default: ${DEFAULT-VALUE}).")
    private int slices = 1;

    @Override
    public Integer call() {
        if (slices < 1) {
            throw new UserError("--slices must be at least 1, was " + slices);
        }
        List<StepRecord> recorded = StepRecords.read(steps);
        ProfileFit fit = ProfileFit.scaled(ProfileFit.of(recorded).model(), recorded);
        String errors =
                String.format(
                        Locale.ROOT,
                        "fitted to %d steps: mean error %.1f %%, 90th percentile %.1f %%, bias"
                                + " %+.1f %%, noise %.3f, overhead %.2f ms and %.3f ms"
                                + " a decode",
                        fit.steps(),
                        100 * fit.meanError(),
                        100 * fit.p90Error(),
                        100 * fit.bias(),
                        fit.noiseSigma(),
                        fit.overheadNanos() / 1e6,
                        fit.decodeOverheadNanos() / 1e6);
        SimulateCommand.write(out, Profiles.json(name, model, device, errors, fit.timing(slices)));
        spec.commandLine().getOut().println(errors);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
