package io.hfx.benchmarks.seed;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.benchmarks.CpuUse;
import io.hfx.benchmarks.Machine;
import io.hfx.benchmarks.Spread;
import io.hfx.benchmarks.seed.DecodeStreams.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** The result file. */
final class SeedReport {
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    /**
     * One arm in one round.
     *
     * @param transferSeconds of each whole image, one after the other
     * @param throttle as the seed shows it at the end; null where it has none
     */
    record Run(
            int round,
            String arm,
            double loadAverage,
            CpuUse cpuSeconds,
            double[] tpotBeforeMillis,
            double[] tpotDuringMillis,
            List<Double> transferSeconds,
            @Nullable JsonNode throttle) {
        static double[] tpotMillis(List<Answer> answers) {
            return answers.stream()
                    .mapToDouble(Answer::tpotMillis)
                    .map(millis -> Math.round(millis * 1e3) / 1e3)
                    .sorted()
                    .toArray();
        }
    }

    /** Nearest-rank percentiles, in milliseconds, of the mean TPOT of whole answers. */
    record Tpot(int answers, double p50, double p90, double p99) {
        static Tpot of(DoubleStream millis) {
            double[] sorted = millis.sorted().toArray();
            return new Tpot(
                    sorted.length, rank(sorted, 0.5), rank(sorted, 0.9), rank(sorted, 0.99));
        }

        private static double rank(double[] sorted, double part) {
            return sorted.length == 0
                    ? Double.NaN
                    : sorted[Math.max(0, (int) Math.ceil(part * sorted.length) - 1)];
        }
    }

    /**
     * One arm over all rounds.
     *
     * @param p50Rise part by which the median of all answers rose
     * @param p99Rise likewise
     */
    record Arm(
            Tpot before,
            Tpot during,
            double p50Rise,
            double p99Rise,
            @Nullable Spread transferSeconds) {
        static Arm of(List<Run> runs) {
            Tpot before = Tpot.of(all(runs, Run::tpotBeforeMillis));
            Tpot during = Tpot.of(all(runs, Run::tpotDuringMillis));
            return new Arm(
                    before,
                    during,
                    rise(before.p50(), during.p50()),
                    rise(before.p99(), during.p99()),
                    Spread.of(
                            runs.stream().flatMap(run -> run.transferSeconds().stream()).toList()));
        }

        private static DoubleStream all(
                List<Run> runs, java.util.function.Function<Run, double[]> which) {
            return runs.stream().flatMapToDouble(run -> Arrays.stream(which.apply(run)));
        }

        private static double rise(double before, double during) {
            return Math.round((during / before - 1) * 1e4) / 1e4;
        }
    }

    private final Path file;
    private final ObjectNode document = JSON.createObjectNode();
    private final List<Run> runs = new ArrayList<>();

    SeedReport(Path file, String command, Object settings) {
        this.file = file;
        document.put(
                "what",
                "TPOT of a seed's own requests while it gives its weights away, and without");
        document.put("commit", Machine.commit());
        document.put("command", command);
        document.put("begun", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        document.set("machine", JSON.valueToTree(Machine.here()));
        document.set("settings", JSON.valueToTree(settings));
    }

    /** Adds a run and writes the file anew. */
    void add(Run run) throws IOException {
        runs.add(run);
        Map<String, Arm> arms = new LinkedHashMap<>();
        for (String name : runs.stream().map(Run::arm).distinct().toList()) {
            arms.put(name, Arm.of(runs.stream().filter(each -> each.arm().equals(name)).toList()));
        }
        document.set("arms", JSON.valueToTree(arms));
        document.set("runs", JSON.valueToTree(runs));
        JSON.writeValue(file.toFile(), document);
    }
}
