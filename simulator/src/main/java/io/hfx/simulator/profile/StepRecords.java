package io.hfx.simulator.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JacksonException;
import io.hfx.scheduler.latency.StepShape;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Recorded steps, one JSON object a line, with the fields of {@link StepShape} and the time; where
 * and when they ran, if the recording says it.
 */
public final class StepRecords {
    private static final int MOST_STEPS = 10_000_000;

    private StepRecords() {}

    private record Line(
            @JsonProperty(required = true) int prefillRuns,
            @JsonProperty(required = true) long prefillTokens,
            @JsonProperty(required = true) double attentionPairs,
            @JsonProperty(required = true) int decodes,
            @JsonProperty(required = true) long contextTokens,
            @JsonProperty(required = true) long nanos,
            @Nullable String worker,
            @Nullable Long endEpochNanos,
            @Nullable Long overheadNanos) {
        StepRecord step() {
            StepShape shape =
                    new StepShape(
                            prefillRuns, prefillTokens, attentionPairs, decodes, contextTokens);
            return new StepRecord(
                    shape,
                    nanos,
                    worker == null ? "" : worker,
                    endEpochNanos == null ? 0 : endEpochNanos,
                    overheadNanos == null ? StepRecord.UNKNOWN : overheadNanos);
        }
    }

    /**
     * Reads a recording.
     *
     * @throws ProfileException if it is missing or malformed; the message names the line
     */
    public static List<StepRecord> read(Path file) {
        List<StepRecord> steps = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                number++;
                if (number > MOST_STEPS) {
                    throw new ProfileException(file + ": more than " + MOST_STEPS + " steps");
                }
                if (!line.isBlank()) {
                    steps.add(parse(line, file + ", line " + number));
                }
            }
        } catch (IOException e) {
            throw new ProfileException(file + ": cannot be read: " + e);
        }
        return steps;
    }

    private static StepRecord parse(String line, String where) {
        try {
            return Profiles.JSON.readValue(line, Line.class).step();
        } catch (JacksonException e) {
            throw new ProfileException(where + ": " + e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw new ProfileException(where + ": " + e.getMessage());
        }
    }
}
