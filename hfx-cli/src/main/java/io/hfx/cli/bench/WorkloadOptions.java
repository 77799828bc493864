package io.hfx.cli.bench;

import io.hfx.cli.UserError;
import io.hfx.plugin.config.SloClasses;
import io.hfx.scheduler.slo.SloClass;
import io.hfx.simulator.workload.Arrival;
import io.hfx.simulator.workload.ArrivalProcess;
import io.hfx.simulator.workload.ClassMix;
import io.hfx.simulator.workload.LengthFit;
import io.hfx.simulator.workload.Shape;
import io.hfx.simulator.workload.Trace;
import io.hfx.simulator.workload.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options that say what is sent and when, and the workload that they make. */
public final class WorkloadOptions {
    private static final double MAX_SECONDS = 86_400;

    static final class Source {
        @Option(
                names = "--workload",
                paramLabel = "NAME",
                description = "chat, code, summarise, agent or mixed.")
        @Nullable String shape;

        @Option(
                names = "--trace",
                paramLabel = "FILE",
                description = "Azure CSV, Mooncake JSONL or BurstGPT CSV; may be gzipped.")
        @Nullable Path trace;
    }

    @ArgGroup(multiplicity = "1")
    Source source = new Source();

    @Option(
            names = "--rate",
            paramLabel = "R",
            description =
                    "Requests/s (default: 1; a trace keeps its own, or its first R x S requests are"
                            + " stretched to this).")
    @Nullable Double perSecond;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Length of the workload (default: 60; a trace runs to its end).")
    @Nullable Double seconds;

    @Option(
            names = "--trace-start",
            paramLabel = "S",
            defaultValue = "0",
            description = "Skip this much of the trace, in its own seconds.")
    double startSeconds;

    @Option(
            names = "--arrivals",
            paramLabel = "P",
            defaultValue = "poisson",
            description =
                    "poisson, gamma:CV, burst:FACTOR@START+LENGTH or"
                            + " diurnal:AMPLITUDE@PERIOD+PHASE in seconds, for --workload"
                            + " (default: ${DEFAULT-VALUE}).")
    String arrivals;

    @Option(
            names = "--max-context",
            paramLabel = "N",
            description =
                    "Context of the model in tokens (default: what /v1/models says): lengths are"
                            + " scaled so that the 99th percentile fits, longer requests are clamped"
                            + " and counted.")
    @Nullable Integer contextTokens;

    @Option(
            names = "--length-scale",
            paramLabel = "F",
            description = "Multiply all lengths by this instead.")
    @Nullable Double lengthFactor;

    @Option(
            names = "--assign",
            paramLabel = "NAME=SHARE,...",
            description =
                    "Put requests into these classes at random (default for a trace: the default"
                            + " class of the file).")
    @Nullable String assign;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of arrivals, lengths and prompts (default: ${DEFAULT-VALUE}).")
    long seed;

    /** Takes the endpoint's context where none was stated; returns whether it did. */
    boolean takesContext(OptionalInt endpointTokens) {
        if (contextTokens != null || endpointTokens.isEmpty()) {
            return false;
        }
        contextTokens = endpointTokens.getAsInt();
        return true;
    }

    /** The workload that the options describe. */
    Workload workload(SloClasses classes) {
        if (seconds != null && !(seconds > 0 && seconds <= MAX_SECONDS)) {
            throw new UserError("--seconds must be above 0 and at most 86400, was " + seconds);
        }
        Workload workload = fitted(source.trace == null ? built() : traced(source.trace));
        if (assign != null) {
            workload = workload.assigned(ClassMix.parse(assign), seed + 1);
        } else if (source.trace != null) {
            workload = workload.assigned(ClassMix.parse(classes.defaultClass().name()), seed);
        }
        if (workload.arrivals().isEmpty()) {
            throw new UserError("no request falls into the " + seconds + " s: raise --seconds");
        }
        return workload;
    }

    private Workload built() {
        if (startSeconds != 0) {
            throw new UserError("--trace-start goes with --trace only");
        }
        long windowNanos = nanos(seconds == null ? 60 : seconds);
        return shape().generate(
                        ArrivalProcess.parse(arrivals),
                        perSecond == null ? 1 : perSecond,
                        windowNanos,
                        seed);
    }

    private Workload traced(Path file) {
        Workload trace = Trace.read(file, seed);
        if (startSeconds != 0) {
            trace = trace.window(nanos(startSeconds), Long.MAX_VALUE);
        }
        if (perSecond == null) {
            return seconds == null ? trace : trace.window(0, nanos(seconds));
        }
        // As many requests as rate and length ask for, stretched as one.
        return (seconds == null ? trace : trace.first(Math.round(perSecond * seconds)))
                .atRate(perSecond);
    }

    private Workload fitted(Workload workload) {
        if (lengthFactor != null) {
            int context = contextTokens == null ? Integer.MAX_VALUE : contextTokens;
            return new LengthFit(lengthFactor, context).apply(workload);
        }
        if (contextTokens == null) {
            return workload;
        }
        long p99 =
                source.trace == null
                        ? shape().totalTokensP99()
                        : LengthFit.totalTokensP99(workload);
        return LengthFit.forP99(p99, contextTokens).apply(workload);
    }

    private Shape shape() {
        return Shape.named(source.shape == null ? "" : source.shape);
    }

    void describe(Map<String, Object> config) {
        config.put("workload", source.trace == null ? source.shape : source.trace.toString());
        config.put("arrivals", source.trace == null ? arrivals : "as traced");
        config.put("rate", perSecond);
        config.put("seconds", seconds);
        config.put("trace_start_seconds", startSeconds);
        config.put("max_context", contextTokens);
        config.put("length_scale", lengthFactor);
        config.put("assign", assign);
        config.put("seed", seed);
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    /**
     * Joins arrivals with the classes they name.
     *
     * @throws UserError if the file lacks one
     */
    public static List<PlannedRequest> plan(Workload workload, SloClasses classes) {
        List<PlannedRequest> planned = new ArrayList<>(workload.arrivals().size());
        for (Arrival arrival : workload.arrivals()) {
            SloClass sloClass =
                    classes.find(arrival.sloClass())
                            .orElseThrow(
                                    () ->
                                            new UserError(
                                                    "the classes file lacks class "
                                                            + arrival.sloClass()
                                                            + ": add it, or use --assign with "
                                                            + classes.all().stream()
                                                                    .map(SloClass::name)
                                                                    .toList()));
            planned.add(new PlannedRequest(planned.size(), arrival, sloClass));
        }
        return planned;
    }
}
