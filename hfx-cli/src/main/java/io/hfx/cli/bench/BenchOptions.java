package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import io.hfx.plugin.config.SloClasses;
import io.hfx.simulator.workload.Workload;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a load test. */
public final class BenchOptions {
    private static final double WARM_UP_SECONDS = 8;
    private static final double CAPACITY_SECONDS = 20;
    private static final int CAPACITY_RUNS = 3;

    @Option(
            names = "--url",
            required = true,
            description = "The endpoint, as http[s]://HOST[:PORT][/PATH] without /v1.")
    String url;

    @Mixin WorkloadOptions workloadOptions;

    @Option(
            names = "--classes",
            paramLabel = "FILE",
            description = "SLO classes (JSON); without it every request is best effort.")
    @Nullable Path classesFile;

    @Option(
            names = "--model",
            paramLabel = "ID",
            description = "Model named in requests (default: the first of /v1/models).")
    @Nullable String model;

    @Option(
            names = "--api",
            defaultValue = "completions",
            description =
                    "completions (prompts of exact length, as token ids) or chat (text); default:"
                            + " ${DEFAULT-VALUE}.")
    Api api;

    @Option(
            names = "--api-key-file",
            paramLabel = "FILE",
            description = "File that holds the bearer token.")
    @Nullable Path apiKeyFile;

    @Option(
            names = "--concurrency-limit",
            paramLabel = "N",
            defaultValue = "10000",
            description =
                    "Most requests on the wire; later ones wait, their latency counts from their"
                            + " scheduled arrival (default: ${DEFAULT-VALUE}).")
    int concurrency;

    @Option(
            names = "--drain-seconds",
            paramLabel = "S",
            defaultValue = "30",
            description = "How long to wait for the last streams (default: ${DEFAULT-VALUE}).")
    double drainSeconds;

    @Option(names = "--no-slo-headers", description = "Judge by the SLOs without stating them.")
    boolean noSloHeaders;

    @Option(
            names = "--abort-fraction",
            paramLabel = "F",
            defaultValue = "0",
            description =
                    "Share of clients that close the connection early: half within a second of"
                            + " sending, half in mid-stream (default: ${DEFAULT-VALUE}).")
    double abortFraction;

    @Option(
            names = "--slow-fraction",
            paramLabel = "F",
            defaultValue = "0",
            description = "Share of clients that read 5 kB a second (default: ${DEFAULT-VALUE}).")
    double slowFraction;

    @Option(
            names = "--server-metrics",
            paramLabel = "S",
            description =
                    "Sample /metrics of an HFX server every S seconds; the report tells which of"
                            + " its figures grow, and how the server counted the requests.")
    @Nullable Double metricsSeconds;

    private @Nullable Workload made;
    private double @Nullable [] capacities;

    /**
     * The load test that the options describe.
     *
     * @param terminal shows the progress where the capacity has to be measured first
     */
    public LoadTest loadTest(PrintWriter terminal) throws InterruptedException {
        SloClasses classes = classesFile == null ? SloClasses.NONE : SloClasses.read(classesFile);
        if (classesFile == null && workloadOptions.assign == null) {
            workloadOptions.assign = classes.defaultClass().name();
        }
        check();
        boolean needsCapacity = workloadOptions.needsCapacity();
        URI base = Target.parse(url);
        plan(workloadOptions.workload(classes), classes); // says what is wrong before it asks
        EndpointModel served = EndpointModel.ask(base, Optional.ofNullable(model), apiKey());
        model = served.id();
        workloadOptions.takeContext(served.contextTokens());
        Target target = new Target(base, api, served.id(), apiKey(), !noSloHeaders);
        if (needsCapacity) {
            measure(target, classes, terminal);
        }
        Workload workload = workloadOptions.workload(classes);
        made = workload;
        RunLimits limits =
                new RunLimits(workload.windowNanos(), (long) (drainSeconds * 1e9), concurrency);
        return new LoadTest(target, plan(workload, classes), limits, workloadOptions.seed);
    }

    private void check() {
        if (concurrency < 1 || !(drainSeconds >= 0 && drainSeconds <= 86_400)) {
            throw new UserError(
                    "--concurrency-limit must be at least 1, --drain-seconds 0 to 86400");
        }
        if (!(abortFraction >= 0 && slowFraction >= 0 && abortFraction + slowFraction <= 0.9)) {
            throw new UserError(
                    "--abort-fraction and --slow-fraction must be from 0 and together at most 0.9");
        }
        if (metricsSeconds != null && !(metricsSeconds >= 0.1 && metricsSeconds <= 3600)) {
            throw new UserError("--server-metrics must be 0.1 to 3600, was " + metricsSeconds);
        }
    }

    /** Sets the rate to its multiple of the capacity. */
    private void measure(Target target, SloClasses classes, PrintWriter terminal)
            throws InterruptedException {
        Target unstated = new Target(target.base(), api, target.model(), apiKey(), false);
        Capacity capacity =
                new Capacity(
                        unstated,
                        workloadOptions::saturating,
                        load -> WorkloadOptions.plan(load, classes),
                        terminal);
        terminal.println("bench: measuring the capacity");
        terminal.flush();
        capacity.saturate(WARM_UP_SECONDS, ~workloadOptions.seed);
        capacities = capacity.measure(CAPACITY_SECONDS, CAPACITY_RUNS, workloadOptions.seed);
        double perSecond = Capacity.median(capacities);
        if (!(perSecond > 0) || workloadOptions.rateFactor == null) {
            throw new UserError("no request completed while measuring the capacity");
        }
        workloadOptions.perSecond = perSecond * workloadOptions.rateFactor;
        terminal.printf(
                Locale.ROOT,
                "bench: capacity %.2f requests/s, offering %.2f%n",
                perSecond,
                workloadOptions.perSecond);
        terminal.flush();
    }

    private List<PlannedRequest> plan(Workload workload, SloClasses classes) {
        return WorkloadOptions.plan(
                workload,
                classes,
                new Manner.Shares(abortFraction, slowFraction),
                workloadOptions.seed);
    }

    /** Begins to watch the server, where that is asked for. */
    public Optional<ServerWatch> watch(LoadTest test) throws InterruptedException {
        return metricsSeconds == null
                ? Optional.empty()
                : Optional.of(ServerWatch.start(test.target(), metricsSeconds));
    }

    private Optional<String> apiKey() {
        if (apiKeyFile == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Files.readString(apiKeyFile).strip());
        } catch (IOException e) {
            throw new UserError("--api-key-file " + apiKeyFile + " cannot be read");
        }
    }

    /** What was asked for, for the report. */
    public Map<String, Object> config() {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("url", url);
        config.put("api", api.path());
        config.put("model", model);
        config.put("classes", String.valueOf(classesFile));
        config.put("slo_headers", !noSloHeaders);
        config.put("concurrency_limit", concurrency);
        config.put("drain_seconds", drainSeconds);
        config.put("abort_fraction", abortFraction);
        config.put("slow_fraction", slowFraction);
        workloadOptions.describe(config);
        if (capacities != null) {
            config.put("capacity_runs_per_second", capacities);
        }
        if (made != null) {
            config.put("requests", made.arrivals().size());
            config.put("clamped_requests", made.clampedRequests());
            config.put("skipped_rows", made.skippedRows());
        }
        return config;
    }

    /** One line for people. */
    public String title() {
        return (made == null ? "" : made.name() + ", " + made.arrivals().size() + " requests, ")
                + "seed "
                + workloadOptions.seed
                + ", "
                + url;
    }
}
