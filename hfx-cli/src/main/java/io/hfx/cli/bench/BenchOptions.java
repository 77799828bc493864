package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import io.hfx.plugin.config.SloClasses;
import io.hfx.simulator.workload.Workload;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a load test. */
public final class BenchOptions {
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

    private @Nullable Workload made;

    /** The load test that the options describe. */
    public LoadTest loadTest() throws InterruptedException {
        SloClasses classes = classesFile == null ? SloClasses.NONE : SloClasses.read(classesFile);
        if (classesFile == null && workloadOptions.assign == null) {
            workloadOptions.assign = classes.defaultClass().name();
        }
        if (concurrency < 1 || !(drainSeconds >= 0 && drainSeconds <= 86_400)) {
            throw new UserError(
                    "--concurrency-limit must be at least 1, --drain-seconds 0 to 86400");
        }
        URI base = Target.parse(url);
        Workload workload = workloadOptions.workload(classes);
        List<PlannedRequest> planned = WorkloadOptions.plan(workload, classes);
        EndpointModel served = EndpointModel.ask(base, Optional.ofNullable(model), apiKey());
        model = served.id();
        if (workloadOptions.takesContext(served.contextTokens())) {
            workload = workloadOptions.workload(classes);
            planned = WorkloadOptions.plan(workload, classes);
        }
        made = workload;
        Target target = new Target(base, api, served.id(), apiKey(), !noSloHeaders);
        RunLimits limits =
                new RunLimits(workload.windowNanos(), (long) (drainSeconds * 1e9), concurrency);
        return new LoadTest(target, planned, limits, workloadOptions.seed);
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
        workloadOptions.describe(config);
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
