package io.hfx.cli.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The results of one run, as written to JSON.
 *
 * @param config what was asked for, by the name of the option
 * @param environment of the client
 * @param interrupted whether the run was ended early
 * @param windowSeconds length of the workload
 * @param elapsedSeconds to the last answer or the end of the drain
 * @param offeredPerSecond requests due per second
 * @param client cost of the client itself
 * @param clients where every request went, by kind of client, and {@code all}
 * @param server what the server's own metrics said; null where they were not asked for
 * @param total every request of a patient client, as are the next two
 * @param overall those that state an objective
 * @param classes by SLO class
 */
public record Report(
        Map<String, Object> config,
        Map<String, Object> environment,
        boolean interrupted,
        double windowSeconds,
        double elapsedSeconds,
        double offeredPerSecond,
        Client client,
        Map<String, Accounting> clients,
        @Nullable ServerReport server,
        Summary total,
        Summary overall,
        Map<String, Summary> classes) {
    private static final ObjectMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    /**
     * CPU time of the client's one thread.
     *
     * @param cpuMicrosPerToken over all tokens received; 0 without any
     */
    public record Client(double cpuSeconds, double cpuMicrosPerToken) {}

    /** Sums up a run. */
    public static Report of(Map<String, Object> config, RunResult result) {
        return of(config, result, null);
    }

    /** Sums up a run during which the server was watched. */
    public static Report of(
            Map<String, Object> config, RunResult result, @Nullable ServerReport server) {
        List<RequestRecord> all = result.records();
        long overNanos = result.measuredNanos();
        Map<String, Summary> classes = new TreeMap<>();
        for (RequestRecord record : all) {
            if (!isPatient(record)) {
                continue;
            }
            String name = record.planned().sloClass().name();
            classes.computeIfAbsent(
                    name, n -> of(result, r -> r.planned().sloClass().name().equals(n)));
        }
        double tokens = all.stream().mapToDouble(r -> r.tokenNanos().length).sum();
        return new Report(
                config,
                thisMachine(),
                result.interrupted(),
                result.windowNanos() / 1e9,
                result.elapsedNanos() / 1e9,
                all.size() / (overNanos / 1e9),
                new Client(
                        result.clientCpuNanos() / 1e9,
                        tokens == 0 ? 0 : result.clientCpuNanos() / 1e3 / tokens),
                Accounting.byClient(all),
                server,
                of(result, r -> true),
                of(result, r -> !r.planned().sloClass().slo().isBestEffort()),
                classes);
    }

    private static Summary of(RunResult result, Predicate<RequestRecord> which) {
        return Summary.of(
                result.records().stream().filter(Report::isPatient).filter(which).toList(),
                result.measuredNanos(),
                result.elapsedNanos());
    }

    /** The times of the others say nothing of the server. */
    private static boolean isPatient(RequestRecord record) {
        return record.planned().manner().kind() == Manner.Kind.PATIENT;
    }

    private static Map<String, Object> thisMachine() {
        return Map.of(
                "cores", Runtime.getRuntime().availableProcessors(),
                "java", System.getProperty("java.version"),
                "os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    }

    /** Met requests by arrivals; 0 where no request states an objective. */
    @JsonProperty
    public double attainment() {
        Double share = overall.attainment();
        return share == null ? 0 : share;
    }

    /** Of one class; null where it states no objective or does not occur. */
    public @Nullable Double attainment(String sloClass) {
        Summary summary = classes.get(sloClass);
        return summary == null ? null : summary.attainment();
    }

    /** Met requests per second of those that state an objective. */
    public @Nullable Double goodputPerSecond() {
        return overall.goodputPerSecond();
    }

    /** How many were refused, failed and unfinished, in this order. */
    public List<String> missedCounts() {
        return Stream.of(total.refused(), total.failed(), total.unfinished())
                .map(String::valueOf)
                .toList();
    }

    /** The 99th percentile of TTFT of the completed requests of a class, with its unit. */
    public String ttftP99(String sloClass) {
        Summary summary = classes.get(sloClass);
        return summary == null || summary.ttftMs() == null
                ? "-"
                : Math.round(summary.ttftMs().p99()) + " ms";
    }

    /** A table for a terminal. */
    public String text() {
        return TextReport.of(this);
    }

    /** Any value as JSON text in the form of the report. */
    public static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (IOException e) {
            throw new IllegalStateException("not JSON: " + value.getClass(), e);
        }
    }

    /** Writes a text file, making its folder. */
    public static void write(Path file, String text) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UserError("cannot write " + file + ": " + e);
        }
    }
}
