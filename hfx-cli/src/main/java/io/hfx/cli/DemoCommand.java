package io.hfx.cli;

import io.hfx.cli.bench.Report;
import io.hfx.cli.clone.CloneDemo;
import io.hfx.cli.clone.CloneReport;
import io.hfx.cli.demo.Demo;
import io.hfx.cli.demo.DemoPlan;
import io.hfx.cli.demo.DemoReport;
import io.hfx.cli.process.Program;
import io.hfx.cli.process.SampleCheckpoint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares the policies on one load, on this machine, with a sample model. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Serve one overload under each policy and show them side by side.")
final class DemoCommand implements Callable<Integer> {
    private static final double MIN_SECONDS = 1;
    private static final double MAX_SECONDS = 3600;
    private static final double MAX_FACTOR = 20;
    private static final int MAX_PORT = 65_535;
    private static final int MAX_RUNS = 100;

    @Spec private CommandSpec spec;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "Load under each policy (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--rate-factor",
            paramLabel = "F",
            defaultValue = "1.2",
            description = "Offered load over the measured capacity (default: ${DEFAULT-VALUE}).")
    private double rateFactor;

    @Option(
            names = "--policies",
            split = ",",
            defaultValue = "fcfs,sarathi,edf,hfx",
            description = "What to compare (default: ${DEFAULT-VALUE}).")
    private List<String> policies;

    @Option(
            names = "--port",
            defaultValue = "0",
            description = "Of the server; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "A checkpoint (default: the sample model, made in ~/.cache/hfx).")
    private @Nullable Path model;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Of the load (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--clone",
            description =
                    "Instead: start servers that take their weights from a running one, by every path"
                            + " of this machine, and show what a start takes.")
    private boolean clone;

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "3",
            description =
                    "With --clone: starts by each path, of which medians are shown (default: ${DEFAULT-VALUE}).")
    private int runs;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
    private @Nullable Path json;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Where the report goes (default: demo.html in ~/.cache/hfx/demo).")
    private @Nullable Path html;

    @Override
    public Integer call() throws InterruptedException {
        if (clone) {
            return compareStarts();
        }
        DemoPlan plan = plan();
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
                "demo: %s, %.0f s each; takes about %.0f min; logs in %s%n",
                String.join(", ", policies),
                seconds,
                Math.ceil(plan.estimatedSeconds() / 60),
                plan.work());
        err.flush();
        DemoReport report = new Demo(plan, Program.ofThisProcess(Hfx.class.getName()), err).run();
        Path page = html == null ? plan.work().resolve("demo.html") : html;
        Report.write(page, report.html());
        if (json != null) {
            Report.write(json, report.json());
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(report.table());
        out.println("report: " + page.toAbsolutePath());
        out.flush();
        return 0;
    }

    private Integer compareStarts() throws InterruptedException {
        if (runs < 1 || runs > MAX_RUNS) {
            throw new UserError("--runs must be 1 to " + MAX_RUNS + ", was " + runs);
        }
        CloneReport report =
                new CloneDemo(
                                model == null ? SampleCheckpoint.inCache() : model,
                                SampleCheckpoint.cacheFolder().resolve("demo"),
                                runs,
                                Program.ofThisProcess(Hfx.class.getName()),
                                spec.commandLine().getErr())
                        .run();
        if (json != null) {
            Report.write(json, report.json());
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(report.table());
        out.flush();
        return 0;
    }

    private DemoPlan plan() {
        if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) {
            throw new UserError("--seconds must be 1 to 3600, was " + seconds);
        }
        if (!(rateFactor > 0 && rateFactor <= MAX_FACTOR)) {
            throw new UserError("--rate-factor must be above 0 and at most 20, was " + rateFactor);
        }
        if (port < 0 || port > MAX_PORT) {
            throw new UserError("--port must be 0 to 65535, was " + port);
        }
        Path cache = SampleCheckpoint.cacheFolder();
        return new DemoPlan(
                policies,
                seconds,
                rateFactor,
                port,
                seed,
                model == null ? SampleCheckpoint.inCache() : model,
                cache.resolve("demo"),
                Math.min(20, seconds),
                Math.min(8, seconds),
                Math.min(20, seconds));
    }
}
