package io.hfx.cli.simulate;

import io.hfx.simulator.profile.ProfileFit;
import io.hfx.simulator.profile.Profiles;
import io.hfx.simulator.profile.StepRecords;
import java.nio.file.Path;
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
                            + " contextTokens, nanos.")
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

    @Override
    public Integer call() {
        ProfileFit fit = ProfileFit.of(StepRecords.read(steps));
        String errors =
                String.format(
                        Locale.ROOT,
                        "fitted to %d steps: mean error %.1f %%, 90th percentile %.1f %%, bias"
                                + " %+.1f %%",
                        fit.steps(),
                        100 * fit.meanError(),
                        100 * fit.p90Error(),
                        100 * fit.bias());
        SimulateCommand.write(out, Profiles.json(name, model, device, errors, fit.model()));
        spec.commandLine().getOut().println(errors);
        spec.commandLine().getOut().flush();
        return 0;
    }
}
