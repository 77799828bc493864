package io.hfx.engine.emulated;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.hfx.engine.executor.Segment;
import io.hfx.engine.executor.StepInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How long a step takes: {@code t = k·a1 + p·P + q·X + [b>0](a2 + c·b + d·ctx)} for k prefill
 * chunks of P tokens in all with X attention pairs, and b decodes over ctx tokens of context. All
 * coefficients are nanoseconds, 0 or more. One token after some context is a decode.
 *
 * @param chunkNanos a1, per prefill chunk
 * @param promptTokenNanos p, per prefill token
 * @param attentionPairNanos q, per pair of a prefill token and a token that it attends to
 * @param decodeStepNanos a2, per step with decodes
 * @param decodeNanos c, per decoding sequence
 * @param contextTokenNanos d, per token of context of the decoding sequences
 */
public record LatencyProfile(
        double chunkNanos,
        double promptTokenNanos,
        double attentionPairNanos,
        double decodeStepNanos,
        double decodeNanos,
        double contextTokenNanos) {
    private static final double MOST_NANOS = 1e12;
    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                    .build();

    public LatencyProfile {
        check("chunkNanos", chunkNanos);
        check("promptTokenNanos", promptTokenNanos);
        check("attentionPairNanos", attentionPairNanos);
        check("decodeStepNanos", decodeStepNanos);
        check("decodeNanos", decodeNanos);
        check("contextTokenNanos", contextTokenNanos);
    }

    /**
     * Reads a JSON object with exactly the record's fields.
     *
     * @throws IllegalArgumentException if a field is missing, unknown or out of range; the message
     *     names file and field
     */
    public static LatencyProfile read(Path file) {
        try {
            return JSON.readValue(Files.readAllBytes(file), LatencyProfile.class);
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    /** Duration of a step in nanoseconds. */
    public long stepNanos(StepInput input) {
        double nanos = 0;
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
