package io.hfx.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RopeTest {
    private static final int HEAD_DIM = 64;

    /** Written by src/test/python/reference_tokens.py. */
    private static JsonNode reference() throws IOException {
        try (InputStream in = RopeTest.class.getResourceAsStream("/identity/rope.json")) {
            return new ObjectMapper().readTree(Objects.requireNonNull(in)).get("ropes");
        }
    }

    private static Rope rope(String changes) {
        return Configs.read(changes).rope();
    }

    /** To four steps of float32: transformers takes its powers and ramps in float32. */
    @Test
    void hasTheFrequenciesOfTransformers() throws IOException {
        for (JsonNode item : reference()) {
            String config = item.get("config").toString();
            Rope rope =
                    rope(
                            "{'max_position_embeddings': 16384, 'head_dim': 64,"
                                    + config.substring(1));
            float[] frequencies = rope.frequencies(HEAD_DIM);
            for (int i = 0; i < frequencies.length; i++) {
                float expected = (float) item.get("frequencies").get(i).asDouble();
                assertEquals(expected, frequencies[i], 4 * Math.ulp(expected), config + " " + i);
            }
            assertEquals(item.get("scale").asDouble(), rope.scale(), 1e-12, config);
        }
    }

    @Test
    void readsTheFormsOfBothGenerations() {
        assertEquals(new Rope.Default(5e5), rope("{'rope_theta': 500000.0}"));
        assertEquals(
                new Rope.Default(1e6),
                rope("{'rope_parameters': {'rope_type': 'default', 'rope_theta': 1e6}}"));
        Rope linear = new Rope.Linear(10_000, 2);
        assertEquals(linear, rope("{'rope_scaling': {'type': 'linear', 'factor': 2}}"));
        assertEquals(linear, rope("{'rope_scaling': {'rope_type': 'linear', 'factor': 2.0}}"));
        assertEquals(
                linear,
                rope("{'rope_scaling': {'type': 'linear', 'rope_type': 'linear', 'factor': 2}}"));
        assertEquals(
                linear,
                rope(
                        "{'rope_theta': 1e4, 'rope_parameters': {'rope_type': 'linear', 'factor': 2,"
                                + " 'rope_theta': 10000}}"));
        String llama3 =
                "'rope_type': 'llama3', 'factor': 8.0, 'low_freq_factor': 1.0,"
                        + " 'high_freq_factor': 4.0, 'original_max_position_embeddings': 128";
        Rope expected = new Rope.Llama3(5e5, 8, 1, 4, 128);
        assertEquals(expected, rope("{'rope_theta': 5e5, 'rope_scaling': {" + llama3 + "}}"));
        assertEquals(expected, rope("{'rope_parameters': {'rope_theta': 5e5," + llama3 + "}}"));
    }

    @Test
    void yarnTellsTheContextThatItStretchesTo() {
        String yarn = "'rope_scaling': {'type': 'yarn', 'factor': 4.0%s}";
        String original = ", 'original_max_position_embeddings': 512";
        assertEquals(2048, positions("{" + yarn.formatted(original) + "}"));
        assertEquals(2048, positions("{" + yarn.formatted("") + "}"));
        assertEquals(
                4096,
                positions("{'max_position_embeddings': 4096," + yarn.formatted(original) + "}"));
        assertEquals(512, positions("{'rope_scaling': {'type': 'dynamic', 'factor': 4.0}}"));
        assertEquals(512, positions("{'rope_scaling': {'type': 'linear', 'factor': 4.0}}"));
    }

    private static int positions(String changes) {
        return Configs.read(changes).maxPositions();
    }

    @Test
    void tellsApartWhatATextSays() {
        String yarn = "{'rope_scaling': {'type': 'yarn', 'factor': 4.0, 'truncate': %s}}";
        assertFalse(
                rope(yarn.formatted("true"))
                        .toString()
                        .equals(rope(yarn.formatted("false")).toString()));
        assertEquals("default, base 10000.0", rope("{}").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"longrope", "su", "mrope", "proportional", "ntk"})
    void refusesOtherTypes(String type) {
        String message = Configs.refusal("{'rope_scaling': {'rope_type': '" + type + "'}}");
        assertEquals(
                "config.json: in rope_scaling: field rope_type is \""
                        + type
                        + "\"; supported: \"default\", \"linear\", \"dynamic\", \"llama3\" or"
                        + " \"yarn\"",
                message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'rope_scaling': 4} | field rope_scaling is 4; supported: an object or null",
                "{'rope_scaling': {'type': 'linear'}} | in rope_scaling: field factor is missing;"
                        + " rope type linear needs it",
                "{'rope_scaling': {'type': 'linear', 'factor': 0.5}} | field factor is 0.5;"
                        + " supported: a number of at least 1",
                "{'rope_scaling': {'type': 'linear', 'rope_type': 'yarn', 'factor': 2}} | field type"
                        + " is \"linear\"; supported: the same as rope_type",
                "{'rope_scaling': {'type': 'linear', 'factor': 2}, 'rope_parameters': {'rope_type':"
                        + " 'default'}} | field rope_parameters is {\"rope_type\":\"default\"};"
                        + " supported: the same as rope_scaling",
                "{'rope_theta': 1e5, 'rope_parameters': {'rope_theta': 1e6}} | in rope_parameters:"
                        + " field rope_theta is 1000000.0; supported: the same as rope_theta outside"
                        + " (100000.0)",
                "{'rope_theta': 1} | field rope_theta is 1; supported: a number above 1",
                "{'rope_parameters': {'full_attention': {'rope_type': 'default'}}} | in"
                        + " rope_parameters: field full_attention is {\"rope_type\":\"default\"};"
                        + " supported: the keys attention_factor,",
                "{'rope_scaling': {'mrope_section': [1, 2]}} | field mrope_section is [1,2]",
                "{'partial_rotary_factor': 0.5} | field partial_rotary_factor is 0.5; supported: 1",
                "{'rope_parameters': {'partial_rotary_factor': 0.5}} | in rope_parameters: field"
                        + " partial_rotary_factor is 0.5; supported: 1",
                "{'rope_scaling': {'type': 'llama3', 'factor': 2, 'low_freq_factor': 1}} | field"
                        + " high_freq_factor is missing; rope type llama3 needs it",
                "{'rope_scaling': {'type': 'llama3', 'factor': 2, 'low_freq_factor': 1,"
                        + " 'high_freq_factor': 1}} | field high_freq_factor is 1; supported: a"
                        + " number above low_freq_factor (1.0)",
                "{'rope_scaling': {'type': 'yarn', 'factor': 2, 'beta_slow': 40}} | field beta_slow"
                        + " is 40; supported: beta_fast (here 32.0) at least beta_slow (here 40.0)",
                "{'rope_scaling': {'type': 'yarn', 'factor': 2, 'truncate': 1}} | field truncate is"
                        + " 1; supported: true or false",
                "{'original_max_position_embeddings': 8, 'rope_scaling': {'type': 'yarn', 'factor':"
                        + " 2, 'original_max_position_embeddings': 9}} | field"
                        + " original_max_position_embeddings is 9; supported: the same as outside"
                        + " (8)"
            })
    void refusesWhatItCannotReadOrWhatContradictsItself(String changes, String expected) {
        String message = Configs.refusal(changes);
        assertTrue(message.contains(expected), message);
    }
}
