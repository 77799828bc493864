package io.hfx.benchmarks.clone;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.benchmarks.CpuUse;
import io.hfx.benchmarks.Machine;
import io.hfx.benchmarks.Spread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The result file, written anew after each round. */
final class CloneReport {
    static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    /**
     * All ways once.
     *
     * @param loadAverage of the last minute, before the round; negative where the system does not
     *     say it
     * @param cpuSeconds of the seed's process as server, of this one as client, and of others
     */
    record Round(
            int round,
            String begun,
            double loadAverage,
            double seconds,
            CpuUse cpuSeconds,
            List<Figure> figures) {}

    /** One way in all rounds; the phases in milliseconds. */
    record Summary(Spread gbPerSecond, Map<String, Spread> millis, Spread storageMib) {}

    private final Path file;
    private final ObjectNode document = JSON.createObjectNode();
    private final List<Round> rounds = new ArrayList<>();

    CloneReport(Path file, String command, Object settings) {
        this.file = file;
        document.put("what", "ways of a weight image into a process, in alternating rounds");
        document.put("commit", Machine.commit());
        document.put("command", command);
        document.put("begun", now());
        document.put("updated", now());
        document.set("machine", JSON.valueToTree(Machine.here()));
        document.set("system", JSON.valueToTree(system()));
        document.set("settings", JSON.valueToTree(settings));
    }

    /** What else the figures hang on. */
    private static Map<String, String> system() {
        Map<String, String> found = new LinkedHashMap<>();
        found.put("kernel", System.getProperty("os.version"));
        for (String file :
                List.of(
                        "/sys/kernel/mm/transparent_hugepage/enabled",
                        "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
                        "/proc/sys/net/core/rmem_max",
                        "/proc/sys/net/core/wmem_max",
                        "/proc/sys/net/ipv4/tcp_rmem",
                        "/proc/sys/net/ipv4/tcp_wmem")) {
            try {
                // By lines: these files give all they have to the first read, or nothing.
                String line = Files.readAllLines(Path.of(file)).get(0);
                found.put(file, line.replace('\t', ' '));
            } catch (IOException e) {
                found.put(file, "unknown");
            }
        }
        return found;
    }

    /** Adds a round and writes the file. */
    void add(Round round) throws IOException {
        rounds.add(round);
        document.put("updated", now());
        List<Figure> figures = rounds.stream().flatMap(r -> r.figures().stream()).toList();
        document.set("paths", JSON.valueToTree(paths(figures)));
        document.set("targets", JSON.valueToTree(Target.all(figures)));
        document.set("rounds", JSON.valueToTree(rounds));
        Path next = file.resolveSibling(file.getFileName() + ".next");
        JSON.writeValue(next.toFile(), document);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Map<String, Summary> paths(List<Figure> figures) {
        Map<String, List<Figure>> byPath = new TreeMap<>();
        figures.forEach(f -> byPath.computeIfAbsent(f.path(), p -> new ArrayList<>()).add(f));
        Map<String, Summary> paths = new TreeMap<>();
        byPath.forEach((name, all) -> paths.put(name, path(all)));
        return paths;
    }

    private static Summary path(List<Figure> figures) {
        Map<String, Spread> millis = new LinkedHashMap<>();
        for (String phase : figures.get(0).millis().keySet()) {
            millis.put(phase, spread(figures, f -> f.millis().get(phase)));
        }
        return new Summary(
                spread(figures, Figure::gbPerSecond), millis, spread(figures, Figure::storageMib));
    }

    private static Spread spread(
            List<Figure> figures, java.util.function.Function<Figure, @Nullable Double> figure) {
        Spread spread = Spread.of(figures, figure);
        if (spread == null) {
            throw new IllegalStateException("no figures");
        }
        return spread;
    }

    static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
