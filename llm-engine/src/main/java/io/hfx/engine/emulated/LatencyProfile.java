package io.hfx.engine.emulated;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/**
 * How long a step takes: {@code t = a0 + k·a1 + p·P + q·X + [b>0](a2 + c·b + d·ctx)} for k prefill
 * chunks of P tokens in all with X attention pairs, and b decodes over ctx tokens of context. All
 * coefficients are nanoseconds, 0 or more. One token after some context is a decode.
 *
 * @param stepNanos a0, per step
 * @param chunkNanos a1, per prefill chunk
 * @param promptTokenNanos p, per prefill token
 * @param attentionPairNanos q, per pair of a prefill token and a token that it attends to
 * @param decodeStepNanos a2, per step with decodes
 * @param decodeNanos c, per decoding sequence
 * @param contextTokenNanos d, per token of context of the decoding sequences
 */
public record LatencyProfile(
        double stepNanos,
        double chunkNanos,
        double promptTokenNanos,
        double attentionPairNanos,
        double decodeStepNanos,
        double decodeNanos,
        double contextTokenNanos) {
    private static final double MOST_NANOS = 1e12;
    private static final ObjectReader JSON =
            new ObjectMapper()
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
                    .readerFor(ObjectNode.class);

    /** What the simulator reads from the same file; of no use here. */
    private static final Set<String> OF_THE_SIMULATOR =
            Set.of(
                    "name",
                    "model",
                    "device",
                    "source",
                    "kvBlocks",
                    "kvBlockTokens",
                    "kvTokenBytes",
                    "maxSequences",
                    "maxSequenceTokens",
                    "linkBytesPerSecond",
                    "noiseSigma",
                    "overheadNanos",
                    "decodeOverheadNanos",
                    "slices");

    public LatencyProfile {
        check("stepNanos", stepNanos);
        check("chunkNanos", chunkNanos);
        check("promptTokenNanos", promptTokenNanos);
        check("attentionPairNanos", attentionPairNanos);
        check("decodeStepNanos", decodeStepNanos);
        check("decodeNanos", decodeNanos);
        check("contextTokenNanos", contextTokenNanos);
    }

    /** A profile without a cost per step. */
    public LatencyProfile(
            double chunkNanos,
            double promptTokenNanos,
            double attentionPairNanos,
            double decodeStepNanos,
            double decodeNanos,
            double contextTokenNanos) {
        this(
                0,
                chunkNanos,
                promptTokenNanos,
                attentionPairNanos,
                decodeStepNanos,
                decodeNanos,
                contextTokenNanos);
    }

    /**
     * Reads a JSON object with the record's fields, of which {@code stepNanos} may be left out, and
     * maybe those that only the simulator uses.
     *
     * @throws IllegalArgumentException if a field is missing, unknown or out of range; the message
     *     names file and field
     */
    public static LatencyProfile read(Path file) {
        try {
            return of(JSON.readValue(Files.readAllBytes(file)));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private static LatencyProfile of(ObjectNode json) {
        Set<String> left = new TreeSet<>();
        json.fieldNames().forEachRemaining(left::add);
        left.removeAll(OF_THE_SIMULATOR);
        LatencyProfile profile =
                new LatencyProfile(
                        left.contains("stepNanos") ? take("stepNanos", json, left) : 0,
                        take("chunkNanos", json, left),
                        take("promptTokenNanos", json, left),
                        take("attentionPairNanos", json, left),
                        take("decodeStepNanos", json, left),
                        take("decodeNanos", json, left),
                        take("contextTokenNanos", json, left));
        if (!left.isEmpty()) {
            throw new IllegalArgumentException("unknown field " + String.join(", ", left));
        }
        return profile;
    }

    private static double take(String field, ObjectNode json, Set<String> left) {
        if (!left.remove(field) || !json.get(field).isNumber()) {
            throw new IllegalArgumentException(field + " must be a number, was " + json.get(field));
        }
        return json.get(field).doubleValue();
    }

    /** Duration of a step in nanoseconds. */
    public long stepNanos(StepInput input) {
        double nanos = stepNanos;
        boolean decodes = false;
        for (Segment segment : input.segments()) {
            double past = segment.sequence().length();
            double tokens = segment.tokens().length;
            if (tokens == 1 && past > 0) {
                decodes = true;
                nanos += decodeNanos + contextTokenNanos * past;
            } else {
                double pairs = tokens * past + tokens * tokens / 2;
                nanos += chunkNanos + promptTokenNanos * tokens + attentionPairNanos * pairs;
            }
        }
        return Math.round(decodes ? nanos + decodeStepNanos : nanos);
    }

    private static void check(String name, double nanos) {
        if (!(nanos >= 0 && nanos <= MOST_NANOS)) {
            throw new IllegalArgumentException(
                    name + " must be 0 to " + MOST_NANOS + " nanoseconds, was " + nanos);
        }
    }
}
