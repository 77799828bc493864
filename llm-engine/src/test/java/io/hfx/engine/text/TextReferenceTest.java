package io.hfx.engine.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hfx.engine.sample.SampleFixture;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** Ids and texts equal those of transformers; make_text_reference.py wrote them down. */
class TextReferenceTest {
    private static JsonNode reference() throws IOException {
        try (InputStream in = TextReferenceTest.class.getResourceAsStream("reference.json")) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static int[] ids(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    @Test
    void encodesAndDecodesAsTransformersDoes() throws IOException {
        JsonNode texts = reference().path("texts");
        assertTrue(texts.size() >= 10);
        try (CheckpointTokenizer tokenizer = CheckpointTokenizer.load(SampleFixture.TINY)) {
            for (JsonNode row : texts) {
                String text = row.path("text").asText();
                int[] ids = ids(row.path("ids"));
                assertArrayEquals(ids, tokenizer.encode(text, false), text);
                assertArrayEquals(
                        ids(row.path("idsWithSpecial")), tokenizer.encode(text, true), text);
                assertEquals(row.path("decoded").asText(), tokenizer.decode(ids, false));
                assertEquals(row.path("decodedSkipped").asText(), tokenizer.decode(ids, true));
            }
        }
    }

    @Test
    void rendersConversationsAsTransformersDoes() throws IOException {
        JsonNode chats = reference().path("chats");
        assertTrue(chats.size() >= 3);
        ChatTemplate template = CheckpointChatTemplate.load(SampleFixture.TINY);
        for (JsonNode chat : chats) {
            ArrayNode messages = (ArrayNode) chat.path("messages");
            assertEquals(
                    chat.path("text").asText(), template.render(messages, ChatOptions.DEFAULT));
        }
    }
}
