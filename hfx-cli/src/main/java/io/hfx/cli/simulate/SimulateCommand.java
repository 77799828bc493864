package io.hfx.cli.simulate;

import io.hfx.cli.UserError;
import io.hfx.cli.bench.Table;
import io.hfx.scheduler.policy.Policies;
import io.hfx.simulator.report.DecisionLines;
import io.hfx.simulator.report.HtmlPage;
import io.hfx.simulator.report.Produced;
import io.hfx.simulator.report.StudyReport;
import io.hfx.simulator.report.TextTables;
import io.hfx.simulator.scenario.Figures;
import io.hfx.simulator.scenario.Run;
import io.hfx.simulator.scenario.Scenario;
import io.hfx.simulator.scenario.Setup;
import io.hfx.simulator.scenario.Study;
import io.hfx.simulator.scenario.StudyPlan;
import io.hfx.simulator.scenario.StudyResult;
import io.hfx.simulator.scenario.Sweep;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares policies on a scenario in virtual time. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compare policies on a scenario in virtual time.",
        subcommands = {
            SimulateListCommand.class,
            SimulateFitCommand.class,
            SimulateTuneCommand.class,
            SimulateRecordCommand.class,
            SimulateFidelityCommand.class
        })
public final class SimulateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin private ScenarioOptions options;

    @Option(
            names = "--policies",
            paramLabel = "A,B,...",
            description = "Which to compare (default: all).")
    private @Nullable String policies;

    @Option(
            names = "--best",
            paramLabel = "N",
            description =
                    "After the first seed go on with the best N and hfx only; 0 for all (default:"
                            + " the scenario's).")
    private @Nullable Integer best;

    @Option(
            names = "--sweep",
            paramLabel = "AXIS=V,...",
            description = "Vary one property as well; may be repeated (hfx simulate list).")
    private List<String> sweeps = List.of();

    @Option(
            names = "--sweep-rate",
            paramLabel = "R",
            defaultValue = "1.0",
            description = "Rate at which it is varied (default: ${DEFAULT-VALUE}).")
    private double sweepRate;

    @Option(names = "--bounds", description = "Add reference bounds.")
    private boolean bounds;

    @Option(
            names = "--policy-set",
            paramLabel = "POLICY.KEY=VALUE",
            description = "Sets a setting of a policy.")
    private Map<String, String> settings = Map.of();

    @Option(
            names = "--tuned",
            paramLabel = "FILE",
            description = "Settings that hfx simulate tune found.")
    private @Nullable Path tuned;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
    private @Nullable Path json;

    @Option(
            names = "--summary",
            description = "Leave single runs out of the JSON: means and intervals only.")
    private boolean summary;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a page with plots.")
    private @Nullable Path html;

    @Option(
            names = "--decisions",
            paramLabel = "FILE",
            description =
                    "Write what is decided about each request, and why, one JSON object a line; needs"
                            + " one policy, one rate and one seed, and runs them once more.")
    private @Nullable Path decisions;

    /** Made by the command line. */
    public SimulateCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        StudyPlan plan = plan();
        if (decisions != null) {
            requireOneRun(plan);
        }
        int threads = options.threads();
        long startNanos = System.nanoTime();
        StudyProgress progress = new StudyProgress(spec.commandLine().getErr());
        StudyResult result;
        try {
            result = Study.of(plan, threads, progress);
        } finally {
            progress.close();
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        StudyReport report = StudyReport.of(result, produced(result, threads, seconds));
        print(report);
        if (json != null) {
            write(json, (summary ? report.summary() : report).json());
        }
        if (html != null) {
            write(html, HtmlPage.of(report));
        }
        if (decisions != null) {
            explain(plan, result.referencePerSecond(), decisions);
        }
        return 0;
    }

    private static void requireOneRun(StudyPlan plan) {
        int rates = plan.scenario().run().rates().size();
        if (plan.entrants().size() != 1 || rates != 1 || plan.seeds().size() != 1) {
            throw new UserError(
                    String.format(
                            Locale.ROOT,
                            "--decisions needs one policy, one rate and one seed (--policies,"
                                    + " --rates, --seeds), not %d, %d and %d",
                            plan.entrants().size(),
                            rates,
                            plan.seeds().size()));
        }
    }

    private static void explain(StudyPlan plan, double reference, Path file) {
        Setup setup = new Setup(plan.scenario(), plan.data());
        double rate = plan.scenario().run().rates().get(0);
        long seed = plan.seeds().get(0);
        Run run = new Run(setup, plan.entrants().get(0), rate, rate * reference, seed);
        try (DecisionLines lines = new DecisionLines(file)) {
            var unused = run.result(lines);
        } catch (UncheckedIOException e) {
            throw new UserError(file + " cannot be written: " + e.getCause());
        }
    }

    private StudyPlan plan() {
        if (best != null) {
            options.set("run.best", best.toString());
        }
        Scenario scenario = options.scenario();
        List<String> all =
                List.copyOf(Policies.all(SimulateCommand.class.getClassLoader()).keySet());
        return new StudyPlan(
                scenario,
                options.data(),
                Settings.entrants(ScenarioOptions.names(policies, all), tuned, settings),
                options.seeds(scenario.run().seeds(), 1),
                sweeps.stream().map(Sweep::parse).toList(),
                sweepRate,
                bounds);
    }

    private static Produced produced(StudyResult result, int threads, double seconds) {
        long requests =
                result.runs().values().stream()
                        .flatMap(List::stream)
                        .mapToLong(r -> r.requests())
                        .sum();
        return new Produced(
                Commit.name(),
                System.getProperty("java.version", "unknown"),
                threads,
                Figures.rounded(seconds),
                Figures.rounded(requests / Math.max(1e-3, seconds)));
    }

    private void print(StudyReport report) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%s: rate 1.0 is %.2f requests/s (sarathi's saturated capacity)%n",
                report.scenario().name(),
                report.referencePerSecond());
        show("Attainment (met every objective / arrived)", TextTables.attainment(report));
        show("Attainment of the worst class", TextTables.minClass(report));
        if (report.scenario().fleet().cacheTokens() > 0) {
            show("Prompt tokens from the prefix cache", TextTables.cached(report));
        }
        for (String axis : report.sweeps().keySet()) {
            String by = " by " + axis + " at " + report.sweepRate() + "x";
            show("Attainment" + by, TextTables.sweep(report, axis));
            if (axis.equals(Sweep.CACHE)) {
                show(
                        "Prompt tokens from the prefix cache" + by,
                        TextTables.sweptCache(report, axis));
            }
        }
        out.printf(Locale.ROOT, "%n%.1f s%n", report.produced().wallSeconds());
        out.flush();
    }

    private void show(String title, List<String[]> rows) {
        Table table = new Table();
        rows.forEach(table::row);
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.println(title);
        out.print(table);
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UserError(file + " cannot be written: " + e);
        }
    }
}
