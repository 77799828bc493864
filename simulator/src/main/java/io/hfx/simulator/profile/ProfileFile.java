package io.hfx.simulator.profile;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.hfx.scheduler.kv.KvBudget;
import io.hfx.scheduler.latency.LatencyModel;
import io.hfx.simulator.fleet.StepTiming;
import org.jspecify.annotations.Nullable;

/**
 * A profile as its file has it. The six coefficients that the emulated backend needs must be there;
 * what else is left out has a default. Units and meaning: {@link Profile}, {@link StepTiming}.
 */
record ProfileFile(
        @Nullable String name,
        @Nullable String model,
        @Nullable String device,
        @Nullable String source,
        @Nullable Double stepNanos,
        @JsonProperty(required = true) double chunkNanos,
        @JsonProperty(required = true) double promptTokenNanos,
        @JsonProperty(required = true) double attentionPairNanos,
        @JsonProperty(required = true) double decodeStepNanos,
        @JsonProperty(required = true) double decodeNanos,
        @JsonProperty(required = true) double contextTokenNanos,
        @Nullable Long kvBlocks,
        @Nullable Integer kvBlockTokens,
        @Nullable Long kvTokenBytes,
        @Nullable Integer maxSequences,
        @Nullable Integer maxSequenceTokens,
        @Nullable Double linkBytesPerSecond,
        @Nullable Double noiseSigma,
        @Nullable Long overheadNanos,
        @Nullable Long decodeOverheadNanos,
        @Nullable Integer slices) {
    private static final double MOST = 1e15;

    Profile profile() {
        LatencyModel latency =
                new LatencyModel(
                        or(stepNanos, 0),
                        chunkNanos,
                        promptTokenNanos,
                        attentionPairNanos,
                        decodeStepNanos,
                        decodeNanos,
                        contextTokenNanos);
        StepTiming timing =
                new StepTiming(
                        latency,
                        or(noiseSigma, 0.03),
                        (long) within("overheadNanos", or(overheadNanos, 0), 0),
                        (long) within("decodeOverheadNanos", or(decodeOverheadNanos, 0), 0),
                        (int) within("slices", or(slices, 1), 1));
        KvBudget.Blocks kv =
                new KvBudget.Blocks(
                        (long) within("kvBlocks", or(kvBlocks, 4_096), 1),
                        (int) within("kvBlockTokens", or(kvBlockTokens, 16), 1),
                        (int) within("maxSequenceTokens", or(maxSequenceTokens, 8_192), 2));
        return new Profile(
                or(name, "unnamed"),
                or(model, "unknown"),
                or(device, "unknown"),
                or(source, "unknown"),
                timing,
                kv,
                (long) within("kvTokenBytes", or(kvTokenBytes, 131_072), 0),
                (int) within("maxSequences", or(maxSequences, 256), 1),
                within("linkBytesPerSecond", or(linkBytesPerSecond, 25e9), 1));
    }

    private static double within(String field, double value, double least) {
        if (!(value >= least && value <= MOST)) {
            throw new IllegalArgumentException(
                    field + " must be " + least + " to " + MOST + ", was " + value);
        }
        return value;
    }

    private static double or(@Nullable Number value, double byDefault) {
        return value == null ? byDefault : value.doubleValue();
    }

    private static String or(@Nullable String value, String byDefault) {
        return value == null ? byDefault : value;
    }
}
