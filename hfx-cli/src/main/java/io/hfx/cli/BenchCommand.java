package io.hfx.cli;

import io.hfx.cli.bench.BenchOptions;
import io.hfx.cli.bench.HtmlReport;
import io.hfx.cli.bench.LoadTest;
import io.hfx.cli.bench.Report;
import io.hfx.cli.bench.RunResult;
import io.hfx.cli.bench.ServerReport;
import io.hfx.cli.bench.ServerWatch;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Loads an OpenAI endpoint with a workload and prints how far it met the SLOs. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Load an OpenAI endpoint with a workload and report SLO attainment.")
final class BenchCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Mixin private BenchOptions options;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the results as JSON.")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write a report with charts.")
    private @Nullable Path html;

    @Override
    public Integer call() throws InterruptedException {
        CountDownLatch reported = new CountDownLatch(1);
        try {
            PrintWriter terminal = spec.commandLine().getErr();
            LoadTest test = options.loadTest(terminal);
            Optional<ServerWatch> watch = options.watch(test);
            RunResult result = test.run(terminal, reported);
            show(result, watch.isEmpty() ? null : watch.get().end(result.measuredNanos() / 1e9));
        } finally {
            reported.countDown();
        }
        return 0;
    }

    private void show(RunResult result, @Nullable ServerReport server) {
        Report report = Report.of(options.config(), result, server);
        spec.commandLine().getOut().print(report.text());
        spec.commandLine().getOut().flush();
        if (json != null) {
            Report.write(json, Report.json(report));
        }
        if (html != null) {
            HtmlReport page = new HtmlReport("HFX bench", options.title());
            page.add("bench", report, result);
            Report.write(html, page.html());
        }
    }
}
