package io.hfx.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.sample.SampleModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelConfigTest {
    @TempDir Path dir;

    @Test
    void fillsInTheDefaultsOfLlama() {
        ModelConfig expected =
                new ModelConfig(
                        Family.LLAMA,
                        2,
                        64,
                        4,
                        4,
                        16,
                        128,
                        100,
                        512,
                        new Rope.Default(10_000),
                        1e-6,
                        LayerForm.PLAIN,
                        List.of(ModelConfig.WHOLE, ModelConfig.WHOLE),
                        false,
                        -1,
                        List.of());
        assertEquals(expected, Configs.read("{}"));
        assertEquals(expected, Configs.read("{'head_dim': null, 'rope_scaling': null}"));
    }

    @Test
    void fillsInTheDefaultsOfEachFamily() {
        String heads = "'num_attention_heads': 32, 'hidden_size': 256";
        assertEquals(32, Configs.read("{" + heads + "}").kvHeads());
        ModelConfig mistral = Configs.read("{'model_type': 'mistral'," + heads + "}");
        assertEquals(8, mistral.kvHeads());
        assertEquals(8, mistral.headDim());
        ModelConfig qwen2 = Configs.read("{'model_type': 'qwen2'," + heads + "}");
        assertEquals(32, qwen2.kvHeads());
        assertEquals(8, qwen2.headDim());
        ModelConfig qwen3 = Configs.read("{'model_type': 'qwen3'," + heads + "}");
        assertEquals(32, qwen3.kvHeads());
        assertEquals(128, qwen3.headDim());
        assertEquals(
                32,
                Configs.read("{'model_type': 'mistral', 'num_key_value_heads': null," + heads + "}")
                        .kvHeads());
    }

    @Test
    void readsGroupedAndMultiQueryHeadsAndAnExplicitWidth() {
        ModelConfig grouped = Configs.read("{'num_key_value_heads': 2, 'head_dim': 32}");
        assertEquals(2, grouped.kvHeads());
        assertEquals(32, grouped.headDim());
        assertEquals(1, Configs.read("{'num_key_value_heads': 1}").kvHeads());
        assertTrue(Configs.read("{'tie_word_embeddings': true}").tiedEmbeddings());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "llama   | {}                                           | false | false | false",
                "llama   | {'attention_bias': true}                     | true  | true  | false",
                "llama   | {'mlp_bias': true}                           | false | false | true",
                "mistral | {'num_key_value_heads': 2}                   | false | false | false",
                "qwen2   | {'num_key_value_heads': 2}                   | true  | false | false",
                "qwen3   | {'num_key_value_heads': 2}                   | false | false | false",
                "qwen3   | {'num_key_value_heads': 2, 'attention_bias': true} | true | true | false",
            })
    void readsBiasesAndNorms(
            String type, String changes, boolean qkv, boolean output, boolean mlp) {
        String json = changes.replace("{", "{'model_type': '" + type + "',").replace(",}", "}");
        assertEquals(
                new LayerForm(qkv, output, mlp, type.equals("qwen3")), Configs.read(json).form());
    }

    @Test
    void collectsEndTokensOfBothFiles() throws IOException {
        Files.writeString(
                dir.resolve("config.json"), Configs.json("{'eos_token_id': 7, 'bos_token_id': 3}"));
        assertEquals(List.of(7), ModelConfig.read(dir).eosTokenIds());
        Files.writeString(dir.resolve("generation_config.json"), "{\"eos_token_id\": [9, 7, 8]}");
        assertEquals(List.of(7, 9, 8), ModelConfig.read(dir).eosTokenIds());
        assertEquals(3, ModelConfig.read(dir).bosTokenId());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'model_type': 'gemma'} | field model_type is \"gemma\"; supported: \"llama\","
                        + " \"mistral\", \"qwen2\", \"qwen3\"",
                "{'model_type': null} | field model_type is missing; supported: \"llama\"",
                "{'architectures': ['LlamaModel']} | field architectures is [\"LlamaModel\"];"
                        + " supported: [\"LlamaForCausalLM\"]",
                "{'model_type': 'qwen2', 'architectures': ['LlamaForCausalLM']} | supported:"
                        + " [\"Qwen2ForCausalLM\"]",
                "{'hidden_act': 'gelu'} | field hidden_act is \"gelu\"; supported: \"silu\"",
                "{'model_type': 'mistral', 'num_key_value_heads': 2, 'attention_bias': true} | field attention_bias is true;"
                        + " supported: false for Mistral",
                "{'model_type': 'qwen2', 'num_key_value_heads': 2, 'attention_bias': true} | supported: false for Qwen2",
                "{'model_type': 'qwen3', 'num_key_value_heads': 2, 'mlp_bias': true} | field mlp_bias is true; supported:"
                        + " false for Qwen3",
                "{'quantization_config': {'bits': 4}} | field quantization_config is",
                "{'torch_dtype': 'float64'} | field torch_dtype is \"float64\"",
                "{'dtype': 'float8'} | field dtype is \"float8\"",
                "{'num_key_value_heads': 3} | supported: a divisor of num_attention_heads (4)",
                "{'model_type': 'mistral'} | field num_key_value_heads is 8 where it is absent;"
                        + " supported: a divisor of num_attention_heads (4)",
                "{'num_attention_heads': 5} | field head_dim is missing",
                "{'head_dim': 15} | head_dim is 15; supported: an even number",
                "{'vocab_size': 0} | field vocab_size is 0; supported: an integer from 1 to",
                "{'vocab_size': 'x'} | field vocab_size is \"x\"; supported: an integer",
                "{'hidden_size': null} | field hidden_size is missing",
                "{'num_hidden_layers': 2.5} | field num_hidden_layers is 2.5",
                "{'eos_token_id': [100]} | field eos_token_id is 100; supported: an integer from 0"
                        + " to 99",
                "{'rms_norm_eps': -1} | field rms_norm_eps is -1; supported: a number above 0",
                "{'tie_word_embeddings': 1} | field tie_word_embeddings is 1; supported: true or"
                        + " false"
            })
    void refusesWhatItDoesNotSupport(String changes, String expected) {
        String message = Configs.refusal(changes);
        assertTrue(message.contains(expected), message);
        assertTrue(message.startsWith("config.json: "), message);
        assertFalse(message.contains("\n"), message);
    }

    /** Written by src/test/python/reference_tokens.py: the forms as that version saves them. */
    @ParameterizedTest
    @ValueSource(ints = {4, 5})
    void readsWhatTransformersSaves(int major) throws IOException {
        JsonNode saved;
        try (InputStream in =
                getClass().getResourceAsStream("/identity/configs-" + major + ".json")) {
            saved = new ObjectMapper().readTree(Objects.requireNonNull(in));
        }
        int forms = 0;
        for (SampleForm form : SampleForm.values()) {
            JsonNode config = saved.get(form.title());
            if (config != null) {
                ModelConfig expected = form.config(SampleModel.Size.MICRO);
                assertEquals(expected, ModelConfig.parse(config.toString()), form.title());
                forms++;
            }
        }
        assertEquals(major == 5 ? SampleForm.values().length : 13, forms);
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
