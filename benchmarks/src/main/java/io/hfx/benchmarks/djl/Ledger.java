package io.hfx.benchmarks.djl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.benchmarks.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The result file of one part. It is written anew after each round, so that an end at any time
 * loses no whole round.
 *
 * @param <R> a run, a record that Jackson writes and reads
 */
final class Ledger<R extends Ledger.Run> {
    /** One run on one server. */
    interface Run {
        /** From 0; the runs of a round belong together. */
        int round();
    }

    static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .build();

    private final Path file;
    private final ObjectNode document;
    private final Function<List<R>, Object> summary;
    private final List<R> runs = new ArrayList<>();

    /**
     * Opens a new file, or goes on with one of the same settings and commit.
     *
     * @param settings a record: what the figures depend on
     * @param summary of all runs; a value that Jackson writes
     */
    Ledger(
            Part part,
            String what,
            Object settings,
            Class<R> runType,
            Function<List<R>, Object> summary)
            throws IOException {
        this.file = part.resultFile();
        this.summary = summary;
        document = JSON.createObjectNode();
        document.put("part", part.partName());
        document.put("what", what);
        document.put("commit", Machine.commit());
        document.put("begun", now());
        document.put("updated", now());
        document.putArray("commands");
        document.set("machine", machine());
        document.set("settings", asRead(settings));
        if (part.resume && Files.exists(file)) {
            takeUp(JSON.readTree(file.toFile()), runType);
        } else if (Files.exists(file)) {
            throw new DjlBench.UnusableException(
                    file + " exists: say --resume, move it away or choose another --out");
        }
        document.withArray("commands").add(part.command());
    }

    private static JsonNode machine() throws IOException {
        ObjectNode machine = (ObjectNode) asRead(Machine.here());
        return machine.put("djl_serving", serverVersion());
    }

    /** The version in the name of the server's own jar. */
    private static String serverVersion() {
        Path lib = Path.of(System.getenv().getOrDefault("DJL_SERVING_HOME", ""), "lib");
        try (Stream<Path> jars = Files.list(lib)) {
            return jars.map(jar -> jar.getFileName().toString())
                    .filter(name -> name.matches("serving-\\d.*\\.jar"))
                    .map(name -> name.substring("serving-".length(), name.length() - 4))
                    .findFirst()
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private void takeUp(JsonNode old, Class<R> runType) throws IOException {
        for (String field : List.of("settings", "commit", "machine")) {
            if (!document.path(field).equals(old.path(field))) {
                throw new DjlBench.UnusableException(
                        "cannot resume " + file + ": it was made with another " + field);
            }
        }
        document.set("begun", old.path("begun"));
        document.set("commands", old.path("commands"));
        for (JsonNode run : old.path("runs")) {
            runs.add(JSON.treeToValue(run, runType));
        }
    }

    /** As it comes out of a file: a long that is small comes out as an int. */
    private static JsonNode asRead(Object value) throws IOException {
        return JSON.readTree(JSON.writeValueAsBytes(value));
    }

    /** Whole rounds that are in the file. */
    int rounds() {
        return runs.stream().mapToInt(R::round).max().orElse(-1) + 1;
    }

    /** Adds the runs of the next round and writes the file. */
    void add(List<R> round) throws IOException {
        runs.addAll(round);
        document.put("updated", now());
        document.set("summary", JSON.valueToTree(summary.apply(runs)));
        document.set("runs", JSON.valueToTree(runs));
        Path next = file.resolveSibling(file.getFileName() + ".next");
        JSON.writeValue(next.toFile(), document);
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    Path file() {
        return file;
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
