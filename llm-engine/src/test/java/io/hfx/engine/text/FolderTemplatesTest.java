package io.hfx.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.text.ChatTemplate.ChatTemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Templates of real models, which are not part of this project, render as in transformers. The
 * environment variable HFX_CHAT_TEMPLATES names a folder of {@code *.jinja} files for which
 * render_templates.py wrote {@code expected.json}.
 */
class FolderTemplatesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Clock CLOCK =
            Clock.fixed(Instant.parse("2026-01-05T08:07:09Z"), ZoneOffset.UTC);

    @TempDir Path dir;

    private final List<String> different = new ArrayList<>();
    private int texts;
    private int refusals;

    private ChatTemplate load(Path template) throws IOException {
        ObjectNode config = MAPPER.createObjectNode();
        config.put("bos_token", "<s>").put("eos_token", "</s>");
        config.put("unk_token", "<unk>").put("pad_token", "<pad>");
        Files.writeString(dir.resolve("tokenizer_config.json"), config.toString());
        Files.writeString(dir.resolve("chat_template.jinja"), Files.readString(template));
        return CheckpointChatTemplate.load(dir, CLOCK);
    }

    private static ChatOptions options(JsonNode chat) {
        Map<String, JsonNode> variables = new HashMap<>();
        chat.path("variables").properties().forEach(e -> variables.put(e.getKey(), e.getValue()));
        return new ChatOptions(
                chat.path("add_generation_prompt").booleanValue(),
                (ArrayNode) chat.get("tools"),
                (ArrayNode) chat.get("documents"),
                variables);
    }

    private void compare(String name, ChatTemplate template, JsonNode chat, JsonNode expected) {
        String found;
        try {
            found = template.render((ArrayNode) chat.path("messages"), options(chat));
        } catch (ChatTemplateException e) {
            refusals++;
            if (expected.has("text")) {
                different.add(name + ": refused: " + e.getMessage());
            }
            return;
        }
        texts++;
        if (!found.equals(expected.path("text").textValue())) {
            different.add(name + "\nexpected " + expected + "\nfound " + MAPPER.valueToTree(found));
        }
    }

    @Test
    void rendersAsTransformersDoes() throws IOException {
        String folder = System.getenv("HFX_CHAT_TEMPLATES");
        assumeTrue(folder != null, "HFX_CHAT_TEMPLATES names no folder of chat templates");
        JsonNode expected = MAPPER.readTree(Path.of(folder, "expected.json").toFile());
        JsonNode conversations;
        try (InputStream in = getClass().getResourceAsStream("conversations.json")) {
            conversations = MAPPER.readTree(in);
        }
        int templates = 0;
        for (Map.Entry<String, JsonNode> file : expected.properties()) {
            templates++;
            try {
                ChatTemplate template = load(Path.of(folder, file.getKey()));
                for (JsonNode chat : conversations) {
                    String name = chat.path("name").asText();
                    compare(
                            file.getKey() + ", " + name,
                            template,
                            chat,
                            file.getValue().path("cases").path(name));
                }
            } catch (CheckpointException e) {
                if (file.getValue().has("cases")) {
                    different.add(file.getKey() + ": not parsed: " + e.getMessage());
                }
            }
        }
        System.out.println(
                templates
                        + " templates, "
                        + texts
                        + " texts and "
                        + refusals
                        + " refusals equal but "
                        + different.size());
        assertTrue(texts > 0);
        assertEquals("", String.join("\n", different));
    }
}
