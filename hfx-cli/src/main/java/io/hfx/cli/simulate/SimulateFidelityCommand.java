package io.hfx.cli.simulate;

import io.hfx.simulator.fidelity.FidelityReport;
import io.hfx.simulator.fidelity.Recording;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Simulates recorded runs again and says how far the simulator is off. */
@Command(
        name = "fidelity",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Simulate recorded runs (hfx simulate record) and compare.")
final class SimulateFidelityCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FOLDER", description = "Recordings of one server.")
    private Path folder = Path.of("");

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
    private @Nullable Path json;

    @Override
    public Integer call() {
        Recording recording = new Recording(folder);
        FidelityReport report =
                new FidelityReport(Commit.name(), recording.fleet(), recording.compare());
        PrintWriter out = spec.commandLine().getOut();
        out.print(FidelityTable.of(report));
        out.flush();
        if (json != null) {
            SimulateCommand.write(json, report.json());
        }
        return 0;
    }
}
