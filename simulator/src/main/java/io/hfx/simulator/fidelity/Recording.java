package io.hfx.simulator.fidelity;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.simulator.profile.ProfileException;
import io.hfx.simulator.profile.Profiles;
import io.hfx.simulator.profile.StepRecord;
import io.hfx.simulator.profile.StepRecords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A folder with recordings of one kind of live server: {@code fleet.json}, {@code profile.json},
 * for each run {@code POLICY-LOAD.run.json}, and for each server {@code POLICY-LOAD.steps.jsonl},
 * named by the first load that it had.
 *
 * @param folder that is there
 */
public record Recording(Path folder) {
    private static final String FLEET = "fleet.json";
    private static final String RUN = ".run.json";
    private static final String STEPS = ".steps.jsonl";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final JsonMapper INDENTED =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Whether the server is described. */
    public boolean hasFleet() {
        return Files.exists(folder.resolve(FLEET));
    }

    /**
     * The server.
     *
     * @throws ProfileException if it is not described here
     */
    public LiveFleet fleet() {
        return read(folder.resolve(FLEET), LiveFleet.class);
    }

    public void write(LiveFleet fleet) {
        write(folder.resolve(FLEET), fleet, INDENTED);
    }

    /** Latency profile of the server's workers. */
    public Path profile() {
        return folder.resolve("profile.json");
    }

    /** Where a server records its steps. */
    public Path steps(String policy, double firstLoad) {
        return folder.resolve(name(policy, firstLoad) + STEPS);
    }

    public void write(LiveRun run) {
        write(folder.resolve(name(run.policy(), run.load()) + RUN), run, JSON);
    }

    /**
     * Simulates every run.
     *
     * @return by policy, then load
     * @throws ProfileException if there is none, or a file is malformed
     */
    public List<Comparison> compare() {
        Twin twin = new Twin(fleet(), Profiles.read(profile()));
        List<Comparison> comparisons = new ArrayList<>();
        for (Path file : runs()) {
            LiveRun run = read(file, LiveRun.class);
            Path steps = folder.resolve(run.steps());
            List<StepRecord> recorded = Files.exists(steps) ? StepRecords.read(steps) : List.of();
            comparisons.add(Comparison.of(twin, run, recorded));
        }
        comparisons.sort(Comparator.comparing(Comparison::policy).thenComparing(Comparison::load));
        return comparisons;
    }

    private List<Path> runs() {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> runs = files.filter(f -> f.toString().endsWith(RUN)).toList();
            if (runs.isEmpty()) {
                throw new ProfileException(folder + ": holds no recorded run");
            }
            return runs;
        } catch (IOException e) {
            throw new ProfileException(folder + ": cannot be read: " + e);
        }
    }

    private static String name(String policy, double load) {
        return String.format(Locale.ROOT, "%s-%.2f", policy, load);
    }

    private static <T> T read(Path file, Class<T> type) {
        try {
            return JSON.readValue(file.toFile(), type);
        } catch (JacksonException e) {
            throw new ProfileException(file + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ProfileException(file + ": cannot be read: " + e);
        }
    }

    private static void write(Path file, Object value, JsonMapper json) {
        try {
            Files.writeString(file, json.writeValueAsString(value) + "\n");
        } catch (IOException e) {
            throw new ProfileException(file + ": cannot be written: " + e);
        }
    }
}
