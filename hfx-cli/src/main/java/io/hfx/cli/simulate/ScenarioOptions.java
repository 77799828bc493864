package io.hfx.cli.simulate;

import io.hfx.cli.UserError;
import io.hfx.simulator.scenario.Figures;
import io.hfx.simulator.scenario.Scenario;
import io.hfx.simulator.scenario.Scenarios;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which scenario, what of it is changed, and how it is run. */
public final class ScenarioOptions {
    private static final int MOST_THREADS = 1024;
    private static final int MOST_SEEDS = 1_000;

    @Option(
            names = "--scenario",
            paramLabel = "NAME|FILE",
            description = "A built-in scenario (hfx simulate list), or a file.")
    @Nullable String name;

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "R",
            description = "Multiples of sarathi's saturated capacity, in place of the scenario's.")
    List<Double> rates = List.of();

    @Option(
            names = "--duration",
            paramLabel = "S",
            description = "Seconds of arrivals; the warm-up shrinks with it.")
    @Nullable Double seconds;

    @Option(
            names = "--profile",
            paramLabel = "NAME|FILE",
            description = "Latency profile of the workers.")
    @Nullable String profile;

    @Option(names = "--workers", paramLabel = "N", description = "Size of the fleet.")
    @Nullable Integer workers;

    @Option(
            names = "--set",
            paramLabel = "FIELD=VALUE",
            description = "Sets a field of the scenario by its path, e.g. fleet.modelBias=1.3.")
    Map<String, String> fields = Map.of();

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description = "Folder of traces (default: the environment's HFX_DATA).")
    @Nullable Path data;

    @Option(names = "--seeds", paramLabel = "N", description = "Runs of each policy and rate.")
    @Nullable Integer seeds;

    @Option(
            names = "--first-seed",
            paramLabel = "N",
            description = "The first of them; the others follow.")
    @Nullable Long firstSeed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Runs side by side (default: the machine's cores).")
    @Nullable Integer threads;

    private final Map<String, String> byOptions = new LinkedHashMap<>();

    /** Sets a field that an option of its own stands for. */
    void set(String path, String value) {
        byOptions.put(path, value);
    }

    /** The scenario that the options describe; {@code --set} comes last. */
    Scenario scenario() {
        if (name == null) {
            throw new UserError("--scenario NAME|FILE is missing; hfx simulate list names them");
        }
        Scenario plain = Scenarios.find(name, Map.of());
        Map<String, String> all = new LinkedHashMap<>(byOptions);
        if (!rates.isEmpty()) {
            all.put("run.rates", rates.toString());
        }
        if (seconds != null) {
            double share = seconds / plain.run().seconds();
            all.put("run.seconds", seconds.toString());
            all.put(
                    "run.warmUpSeconds",
                    Double.toString(Figures.rounded(plain.run().warmUpSeconds() * share)));
        }
        if (profile != null) {
            all.put("fleet.profile", profile);
        }
        if (workers != null) {
            all.put("fleet.workers", workers.toString());
        }
        all.putAll(fields);
        return Scenarios.find(name, all);
    }

    /** The folder of traces, or null where nobody names one. */
    @Nullable Path data() {
        String variable = System.getenv("HFX_DATA");
        Path folder = data != null || variable == null ? data : Path.of(variable);
        if (folder != null && !Files.isDirectory(folder)) {
            throw new UserError((data == null ? "HFX_DATA" : "--data") + ": no folder " + folder);
        }
        return folder;
    }

    List<Long> seeds(int byDefault, long first) {
        int count = seeds == null ? byDefault : seeds;
        if (count < 1 || count > MOST_SEEDS) {
            throw new UserError("--seeds must be 1 to " + MOST_SEEDS + ", was " + count);
        }
        long from = firstSeed == null ? first : firstSeed;
        return LongStream.range(from, from + count).boxed().toList();
    }

    int threads() {
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        if (count < 1 || count > MOST_THREADS) {
            throw new UserError("--threads must be 1 to " + MOST_THREADS + ", was " + count);
        }
        return count;
    }

    /** The names in {@code a,b,c}; all of them where nothing is said. */
    static List<String> names(@Nullable String text, List<String> all) {
        return text == null ? all : Arrays.stream(text.split(",")).map(String::strip).toList();
    }
}
