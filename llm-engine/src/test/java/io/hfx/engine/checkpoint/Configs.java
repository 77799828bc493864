package io.hfx.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Configs as a small Llama config and changes to it, with ' for " in the changes. */
final class Configs {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String MINIMAL =
            """
            {"model_type": "llama", "num_hidden_layers": 2, "hidden_size": 64,
             "num_attention_heads": 4, "intermediate_size": 128, "vocab_size": 100,
             "max_position_embeddings": 512}
            """;

    private Configs() {}

    static String json(String changes) {
        try {
            ObjectNode config = (ObjectNode) MAPPER.readTree(MINIMAL);
            config.setAll((ObjectNode) MAPPER.readTree(changes.replace('\'', '"')));
            return config.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(changes, e);
        }
    }

    static ModelConfig read(String changes) {
        return ModelConfig.parse(json(changes));
    }

    /** The message with which a config is refused, one line. */
    static String refusal(String changes) {
        return assertThrows(CheckpointException.class, () -> read(changes)).getMessage();
    }
}
