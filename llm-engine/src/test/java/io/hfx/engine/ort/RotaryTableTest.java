package io.hfx.engine.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.Rope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.FloatBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RotaryTableTest {
    private static final int HEAD_DIM = 64;

    /** A frequency may be two steps of float32 off, which the position multiplies. */
    private static final double ULPS = 4;

    @Test
    void hasTheRowsOfTransformersFarOut() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        try (InputStream in = getClass().getResourceAsStream("/identity/rope.json")) {
            for (JsonNode item : mapper.readTree(Objects.requireNonNull(in)).get("ropes")) {
                ObjectNode config =
                        (ObjectNode)
                                mapper.readTree(
                                        """
                                        {"model_type": "llama", "num_hidden_layers": 1,
                                         "hidden_size": 512, "num_attention_heads": 8,
                                         "intermediate_size": 1, "vocab_size": 1,
                                         "max_position_embeddings": 16384}
                                        """);
                config.setAll((ObjectNode) item.get("config"));
                check(ModelConfig.parse(config.toString()).rope(), item);
            }
        }
    }

    private static void check(Rope rope, JsonNode item) {
        int position = item.get("position").asInt();
        FloatBuffer cos = RotaryTable.cos(rope, HEAD_DIM, position + 1);
        FloatBuffer sin = RotaryTable.sin(rope, HEAD_DIM, position + 1);
        float[] frequencies = rope.frequencies(HEAD_DIM);
        for (int pair = 0; pair < frequencies.length; pair++) {
            int at = position * frequencies.length + pair;
            double bound = 1e-6 + ULPS * Math.ulp(frequencies[pair] * position);
            String what = rope + ", pair " + pair;
            assertEquals(item.get("cos").get(pair).asDouble(), cos.get(at), bound, what);
            assertEquals(item.get("sin").get(pair).asDouble(), sin.get(at), bound, what);
        }
        assertEquals((float) rope.scale(), cos.get(0));
        assertEquals(0, sin.get(0));
    }
}
