package io.hfx.simulator.profile;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.simulator.fleet.StepTiming;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The built-in profiles, and those of the user. */
public final class Profiles {
    /** Names of the built-in ones: each is a resource file beside this class. */
    public static final List<String> BUILT_IN =
            List.of(
                    "llama-3-8b-a100",
                    "opt-13b-a100-tp1",
                    "opt-13b-a100-tp2",
                    "opt-13b-a100-tp4",
                    "llama-2-70b-a100-tp4",
                    "llama-2-70b-a100-tp8",
                    "llama-2-70b-h100-tp4",
                    "llama-2-70b-h100-tp8",
                    "bloom-176b-a100-tp8",
                    "bloom-176b-h100-tp8",
                    "sample-xeon-core");

    static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Profiles() {}

    /**
     * The built-in profile of that name.
     *
     * @throws ProfileException if there is none; the message lists those there are
     */
    public static Profile named(String name) {
        if (!BUILT_IN.contains(name)) {
            throw new ProfileException(
                    "no latency profile "
                            + name
                            + "; there are "
                            + String.join(", ", BUILT_IN)
                            + ", or the name of a file");
        }
        try (InputStream in = Profiles.class.getResourceAsStream(name + ".json")) {
            if (in == null) {
                throw new IllegalStateException("resource " + name + ".json is missing");
            }
            return parse(in.readAllBytes(), name + ".json");
        } catch (IOException e) {
            throw new IllegalStateException(name + ".json cannot be read", e);
        }
    }

    /**
     * The built-in profile of that name, or that of a file.
     *
     * @throws ProfileException if there is neither
     */
    public static Profile find(String nameOrFile) {
        boolean isFile = !BUILT_IN.contains(nameOrFile) && Files.exists(Path.of(nameOrFile));
        return isFile ? read(Path.of(nameOrFile)) : named(nameOrFile);
    }

    /**
     * Reads a profile from a JSON file; docs/simulator.md lists the fields.
     *
     * @throws ProfileException if it is missing or malformed
     */
    public static Profile read(Path file) {
        try {
            return parse(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new ProfileException(file + ": cannot be read: " + e);
        }
    }

    /**
     * The file of a profile with these times; KV and the rest have their defaults until someone
     * sets them in it.
     *
     * @param source where the figures come from
     */
    public static String json(
            String name, String model, String device, String source, StepTiming timing) {
        LatencyModel latency = timing.model();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", name);
        fields.put("model", model);
        fields.put("device", device);
        fields.put("source", source);
        fields.put("stepNanos", latency.baseNanos());
        fields.put("chunkNanos", latency.runNanos());
        fields.put("promptTokenNanos", latency.tokenNanos());
        fields.put("attentionPairNanos", latency.pairNanos());
        fields.put("decodeStepNanos", latency.decodeBaseNanos());
        fields.put("decodeNanos", latency.decodeNanos());
        fields.put("contextTokenNanos", latency.contextNanos());
        fields.put("noiseSigma", timing.noiseSigma());
        fields.put("overheadNanos", timing.overheadNanos());
        fields.put("decodeOverheadNanos", timing.decodeOverheadNanos());
        fields.put("slices", timing.slices());
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(fields) + "\n";
        } catch (JacksonException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Profile parse(byte[] json, String where) {
        try {
            return JSON.readValue(json, ProfileFile.class).profile();
        } catch (JacksonException e) {
            throw new ProfileException(where + ": " + e.getOriginalMessage());
        } catch (IllegalArgumentException e) {
            throw new ProfileException(where + ": " + e.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
