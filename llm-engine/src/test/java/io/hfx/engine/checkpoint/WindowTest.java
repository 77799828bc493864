package io.hfx.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowTest {
    private static final String HEADS = "'num_key_value_heads': 2, 'num_hidden_layers': 3, ";

    private static String family(String type, String fields) {
        return "{'model_type': '" + type + "', " + HEADS + fields + "}";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama   | 'sliding_window': null                          | 0 | 0 | 0",
                "llama   | 'layer_types': ['full_attention', 'full_attention', 'full_attention'] "
                        + "| 0 | 0 | 0",
                "mistral | 'sliding_window': null                          | 0 | 0 | 0",
                "mistral | 'rope_theta': 10000.0                           | 4096 | 4096 | 4096",
                "mistral | 'sliding_window': 16                            | 16 | 16 | 16",
                "qwen2   | 'sliding_window': 16                            | 0 | 0 | 0",
                "qwen2   | 'use_sliding_window': false, 'max_window_layers': 0 | 0 | 0 | 0",
                "qwen2   | 'use_sliding_window': true, 'sliding_window': 16 | 0 | 0 | 0",
                "qwen2   | 'use_sliding_window': true, 'max_window_layers': 1 | 0 | 4096 | 4096",
                "qwen2   | 'use_sliding_window': true, 'max_window_layers': 0, "
                        + "'sliding_window': null | 0 | 0 | 0",
                "qwen3   | 'use_sliding_window': true, 'sliding_window': 9, 'layer_types': "
                        + "['sliding_attention', 'full_attention', 'sliding_attention'] "
                        + "| 9 | 0 | 9"
            })
    void readsTheWindowOfEachLayer(String type, String fields, int a, int b, int c) {
        assertEquals(List.of(a, b, c), Configs.read(family(type, fields)).windowTokens());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "llama   | 'sliding_window': 16 | field sliding_window is 16; supported: null for"
                        + " Llama",
                "mistral | 'sliding_window': 1 | field sliding_window is 1; supported: an integer"
                        + " from 2",
                "mistral | 'layer_types': ['full_attention', 'sliding_attention',"
                        + " 'sliding_attention'] | supported: for Mistral one kind",
                "qwen2   | 'layer_types': ['full_attention'] | supported: an array of 3 types",
                "qwen2   | 'layer_types': ['full_attention', 'full_attention', 'linear_attention']"
                        + " | field layer_types is \"linear_attention\"; supported:"
                        + " \"full_attention\" or \"sliding_attention\"",
                "qwen3   | 'layer_types': ['full_attention', 'full_attention',"
                        + " 'sliding_attention'] | field layer_types is \"sliding_attention\";"
                        + " supported: \"full_attention\", as there is no window",
                "qwen3   | 'use_sliding_window': 1 | field use_sliding_window is 1; supported: true"
                        + " or false",
                "qwen3   | 'use_sliding_window': true, 'max_window_layers': -1 | field"
                        + " max_window_layers is -1"
            })
    void refusesWindowsThatItCannotRead(String type, String fields, String expected) {
        String message = Configs.refusal(family(type, fields));
        assertTrue(message.contains(expected), message);
    }
}
