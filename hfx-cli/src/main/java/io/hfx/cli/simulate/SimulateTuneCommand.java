package io.hfx.cli.simulate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.cli.bench.Table;
import io.hfx.scheduler.policy.Policies;
import io.hfx.scheduler.policy.Policy;
import io.hfx.simulator.scenario.Entrant;
import io.hfx.simulator.scenario.ParallelRuns;
import io.hfx.simulator.scenario.Scenario;
import io.hfx.simulator.scenario.Tuning;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds settings of policies, with the same budget for each. */
@Command(
        name = "tune",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Try settings of policies on training seeds and write the best.")
final class SimulateTuneCommand implements Callable<Integer> {
    private static final long FIRST_TRAINING_SEED = 1_001;
    private static final int TRAINING_SEEDS = 3;

    @Spec private CommandSpec spec;

    @Mixin private ScenarioOptions options;

    @Option(
            names = {"--policies", "--policy"},
            paramLabel = "A,B,...",
            description = "Which to tune (default: all).")
    private @Nullable String policies;

    @Option(
            names = "--budget",
            paramLabel = "N",
            defaultValue = "20",
            description = "Settings tried for each, the defaults included (default: 20).")
    private int budget;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where the best go, as JSON for hfx simulate --tuned.")
    private Path out = Path.of("");

    @Override
    public Integer call() throws InterruptedException {
        Scenario scenario = options.scenario();
        List<Long> seeds = options.seeds(TRAINING_SEEDS, FIRST_TRAINING_SEED);
        Tuning tuning = new Tuning(scenario, options.data(), budget, seeds);
        List<String> all = List.copyOf(Policies.all(getClass().getClassLoader()).keySet());
        List<Policy> tuned = new ArrayList<>();
        for (String name : ScenarioOptions.names(policies, all)) {
            tuned.add(Entrant.of(name, Map.of()).policy());
        }
        StudyProgress progress = new StudyProgress(spec.commandLine().getErr());
        Map<String, Tuning.Best> best;
        try (ParallelRuns pool = new ParallelRuns(options.threads(), progress::done)) {
            best = tuning.of(tuned, pool, progress);
        } finally {
            progress.close();
        }
        SimulateCommand.write(
                out, json(new TunedFile(scenario.name(), budget, seeds, Commit.name(), best)));
        print(best);
        return 0;
    }

    private void print(Map<String, Tuning.Best> best) {
        Table table = new Table().row("policy", "default", "best", "tried", "settings");
        best.forEach(
                (name, b) ->
                        table.row(
                                name,
                                Table.percent(b.defaultScore()),
                                Table.percent(b.score()),
                                String.valueOf(b.tried()),
                                b.settings().isEmpty() ? "defaults" : b.settings().toString()));
        spec.commandLine().getOut().print(table);
        spec.commandLine().getOut().flush();
    }

    private static String json(TunedFile file) {
        try {
            return JsonMapper.builder()
                            .enable(SerializationFeature.INDENT_OUTPUT)
                            .build()
                            .writeValueAsString(file)
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
