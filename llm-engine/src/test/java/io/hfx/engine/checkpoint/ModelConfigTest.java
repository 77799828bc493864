package io.hfx.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelConfigTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String MINIMAL =
            """
            {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 64,
             "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100,
             "max_position_embeddings": 512}
            """;

    @TempDir Path dir;

    private ModelConfig read(String changes) throws IOException {
        ObjectNode config = (ObjectNode) MAPPER.readTree(MINIMAL);
        config.setAll((ObjectNode) MAPPER.readTree(changes));
        Files.writeString(dir.resolve("config.json"), config.toString());
        return ModelConfig.read(dir);
    }

    @Test
    void fillsInTheDefaultsOfLlama() throws IOException {
        ModelConfig expected =
                new ModelConfig(
                        "llama", 2, 64, 4, 4, 16, 128, 100, 512, 10_000, 1e-6, false, -1,
                        List.of());
        assertEquals(expected, read("{}"));
        assertEquals(expected, read("{\"head_dim\": null, \"rope_scaling\": null}"));
    }

    @Test
    void readsGroupedAndMultiQueryHeadsAndAnExplicitWidth() throws IOException {
        ModelConfig grouped = read("{\"num_key_value_heads\": 2, \"head_dim\": 32}");
        assertEquals(2, grouped.kvHeads());
        assertEquals(32, grouped.headDim());
        assertEquals(1, read("{\"num_key_value_heads\": 1}").kvHeads());
        assertTrue(read("{\"tie_word_embeddings\": true}").tiedEmbeddings());
    }

    @Test
    void readsTheRotaryBaseOfBothGenerations() throws IOException {
        assertEquals(5e5, read("{\"rope_theta\": 500000.0}").ropeTheta());
        assertEquals(
                1e6,
                read("{\"rope_parameters\": {\"rope_type\": \"default\", \"rope_theta\": 1e6}}")
                        .ropeTheta());
    }

    @Test
    void collectsEndTokensOfBothFiles() throws IOException {
        assertEquals(List.of(7), read("{\"eos_token_id\": 7}").eosTokenIds());
        Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": [9, 7, 8]}");
        assertEquals(List.of(7, 9, 8), read("{\"eos_token_id\": 7}").eosTokenIds());
        assertEquals(3, read("{\"bos_token_id\": 3}").bosTokenId());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"model_type\": \"qwen2\"} | field model_type is \"qwen2\"; supported: \"llama\"",
                "{\"architectures\": [\"LlamaModel\"]} | field architectures is [\"LlamaModel\"]",
                "{\"hidden_act\": \"gelu\"} | field hidden_act is \"gelu\"; supported: \"silu\"",
                "{\"attention_bias\": true} | field attention_bias is true; supported: false",
                "{\"mlp_bias\": true} | field mlp_bias is true; supported: false",
                "{\"quantization_config\": {\"bits\": 4}} | field quantization_config is",
                "{\"torch_dtype\": \"float64\"} | field torch_dtype is \"float64\"",
                "{\"dtype\": \"float8\"} | field dtype is \"float8\"",
                "{\"rope_scaling\": {\"rope_type\": \"llama3\"}} | in rope_scaling: field rope_type"
                        + " is \"llama3\"; supported: \"default\"",
                "{\"rope_scaling\": {\"type\": \"linear\"}} | in rope_scaling: field type is",
                "{\"rope_parameters\": {\"rope_type\": \"yarn\"}} | in rope_parameters: field",
                "{\"partial_rotary_factor\": 0.5} | field partial_rotary_factor is 0.5",
                "{\"num_key_value_heads\": 3} | supported: a divisor of num_attention_heads (4)",
                "{\"num_attention_heads\": 5} | field head_dim is missing",
                "{\"head_dim\": 15} | head_dim is 15; supported: an even number",
                "{\"vocab_size\": 0} | field vocab_size is 0; supported: an integer from 1 to",
                "{\"vocab_size\": \"x\"} | field vocab_size is \"x\"; supported: an integer",
                "{\"hidden_size\": null} | field hidden_size is missing",
                "{\"num_hidden_layers\": 2.5} | field num_hidden_layers is 2.5",
                "{\"eos_token_id\": [100]} | field eos_token_id is 100; supported: an integer from 0"
                        + " to 99",
                "{\"rms_norm_eps\": -1} | field rms_norm_eps is -1; supported: a number above 0",
                "{\"tie_word_embeddings\": 1} | field tie_word_embeddings is 1; supported: true or"
                        + " false"
            })
    void refusesWhatItDoesNotSupport(String changes, String expected) {
        CheckpointException e = assertThrows(CheckpointException.class, () -> read(changes));
        assertTrue(e.getMessage().contains(expected), e.getMessage());
        assertTrue(e.getMessage().contains("config.json: "), e.getMessage());
    }

    @Test
    void namesAMissingOrBrokenFile() throws IOException {
        CheckpointException missing =
                assertThrows(CheckpointException.class, () -> ModelConfig.read(dir));
        assertTrue(missing.getMessage().endsWith("config.json: no such file"));
        Files.writeString(dir.resolve("config.json"), "[1]");
        CheckpointException broken =
                assertThrows(CheckpointException.class, () -> ModelConfig.read(dir));
        assertTrue(broken.getMessage().endsWith("must hold a JSON object"));
    }
}
