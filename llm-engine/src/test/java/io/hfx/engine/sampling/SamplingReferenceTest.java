package io.hfx.engine.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Distributions, greedy choices and logprobs against those of transformers' logits processors;
 * src/test/python/make_sampling_reference.py writes them.
 */
class SamplingReferenceTest {
    private static final int DRAWS = 10_000;

    private final JsonNode reference = read();
    private final Sampler sampler = new Sampler();

    private static JsonNode read() {
        try (InputStream in = SamplingReferenceTest.class.getResourceAsStream("reference.json")) {
            return new ObjectMapper().readTree(in);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void distributionsAreThoseOfTransformers() {
        int compared = 0;
        for (JsonNode one : reference.path("cases")) {
            SampledSequence sequence = sequence(params(one).build());
            Map<Integer, Integer> counts = new TreeMap<>();
            for (int i = 0; i < DRAWS; i++) {
                double draw = (i + 0.5) / DRAWS;
                counts.merge(sampler.sample(row(one), sequence, draw), 1, Integer::sum);
            }
            JsonNode expected = one.path("probabilities");
            for (int id : counts.keySet()) {
                assertTrue(expected.has("" + id), id + " should be out: " + one);
            }
            for (var each : expected.properties()) {
                double drawn =
                        counts.getOrDefault(Integer.parseInt(each.getKey()), 0) / (double) DRAWS;
                // Evenly spaced draws count an interval to within one; exp2 is exact to 3e-5.
                assertEquals(
                        each.getValue().asDouble(), drawn, 1.5e-4, each.getKey() + " of " + one);
                compared++;
            }
        }
        assertTrue(compared > 1_000, "compared " + compared);
    }

    @Test
    void greedyTakesTheHighestProcessedLogit() {
        for (JsonNode one : reference.path("cases")) {
            SamplingParams params = params(one).temperature(0).build();
            assertEquals(
                    one.path("greedy").asInt(),
                    sampler.sample(row(one), sequence(params)),
                    one.toString());
        }
    }

    @Test
    void logprobsAreOfTheRawLogits() {
        int compared = 0;
        for (JsonNode one : reference.path("cases")) {
            if (!one.has("logprobs")) {
                continue;
            }
            float[] expected = floats(one.path("logprobs"));
            Integer[] ranked = new Integer[expected.length];
            for (int id = 0; id < expected.length; id++) {
                ranked[id] = id;
                TokenLogprobs alone = sampler.logprobs(row(one), id, 0);
                assertEquals(expected[id], alone.chosen(), 5e-5);
                assertEquals(0, alone.topIds().length);
                compared++;
            }
            float[] raw = floats(reference.path("rows").get(one.path("row").asInt()));
            java.util.Arrays.sort(
                    ranked,
                    java.util.Comparator.<Integer>comparingDouble(id -> -raw[id])
                            .thenComparingInt(id -> id));
            for (int most : new int[] {1, 5, 20, 64, 100}) {
                TokenLogprobs top = sampler.logprobs(row(one), 7, most);
                int[] ids = new int[Math.min(most, 64)];
                float[] logprobs = new float[ids.length];
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = ranked[i];
                    logprobs[i] = expected[ids[i]];
                }
                assertArrayEquals(ids, top.topIds());
                assertArrayEquals(logprobs, top.topLogprobs(), 5e-5f);
                assertEquals(expected[7], top.chosen(), 5e-5);
            }
        }
        assertEquals(3 * 64, compared);
    }

    private SampledSequence sequence(SamplingParams params) {
        SampledSequence sequence =
                new SampledSequence(params, 0, ints(reference.path("prompt")), Set.of(), 0);
        for (int id : ints(reference.path("output"))) {
            sequence.add(id);
        }
        return sequence;
    }

    private SamplingParams.Builder params(JsonNode one) {
        return SamplingParams.builder()
                .temperature(one.path("temperature").asDouble(1))
                .topP(one.path("topP").asDouble(1))
                .topK(one.path("topK").asInt(0))
                .minP(one.path("minP").asDouble(0))
                .repetitionPenalty(one.path("repetitionPenalty").asDouble(1))
                .presencePenalty(one.path("presencePenalty").asDouble(0))
                .frequencyPenalty(one.path("frequencyPenalty").asDouble(0))
                .logitBias(one.path("biased").asBoolean() ? bias() : LogitBias.NONE);
    }

    private LogitBias bias() {
        Map<Integer, Float> biases = new HashMap<>();
        reference
                .path("bias")
                .properties()
                .forEach(e -> biases.put(Integer.parseInt(e.getKey()), e.getValue().floatValue()));
        return LogitBias.of(biases);
    }

    private FloatBuffer row(JsonNode one) {
        return FloatBuffer.wrap(floats(reference.path("rows").get(one.path("row").asInt())));
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }

    private static int[] ints(JsonNode array) {
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).asInt();
        }
        return values;
    }
}
