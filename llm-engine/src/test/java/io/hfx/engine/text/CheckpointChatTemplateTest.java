package io.hfx.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.sample.SampleFixture;
import io.hfx.engine.text.ChatTemplate.ChatTemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointChatTemplateTest {
    private static final ArrayNode HELLO = turn("user", "Hello");

    @TempDir Path dir;

    private static ArrayNode turn(String role, String content) {
        ArrayNode messages = new ObjectMapper().createArrayNode();
        messages.addObject().put("role", role).put("content", content);
        return messages;
    }

    private ChatTemplate template(String text) throws IOException {
        ObjectNode config = new ObjectMapper().createObjectNode();
        config.putObject("bos_token").put("content", "<s>");
        config.put("eos_token", "</s>").put("chat_template", text);
        Files.writeString(dir.resolve("tokenizer_config.json"), config.toString());
        return CheckpointChatTemplate.load(dir);
    }

    @Test
    void givesTheTemplatesOwnRefusal() {
        ChatTemplate template = CheckpointChatTemplate.load(SampleFixture.TINY);
        ChatTemplateException e =
                assertThrows(
                        ChatTemplateException.class,
                        () -> template.render(turn("robot", "x"), ChatOptions.DEFAULT));
        assertEquals("role must be system, user or assistant, was robot", e.getMessage());
    }

    @Test
    void saysWhatIsWrongWithATemplate() throws IOException {
        ChatTemplate template = template("{{ messages }}\n{% for x in %}");
        ChatTemplateException e =
                assertThrows(
                        ChatTemplateException.class,
                        () -> template.render(HELLO, ChatOptions.DEFAULT));
        assertTrue(e.getMessage().startsWith("chat template, line "), e.getMessage());
    }

    @Test
    void refusesWhatTheEngineDoesNotKnowInsteadOfRenderingNothing() throws IOException {
        ChatTemplate template = template("{{ messages[0]['content'].no_such_method() }}");
        assertThrows(
                ChatTemplateException.class, () -> template.render(HELLO, ChatOptions.DEFAULT));
    }

    @Test
    void knowsTokensAndTheGenerationPrompt() throws IOException {
        ChatTemplate template =
                template(
                        "{{ bos_token }}{% for m in messages %}[{{ m.role }}] {{ m['content'] | trim"
                                + " }}{{ eos_token }}{% endfor %}{% if add_generation_prompt"
                                + " %}[assistant]{% endif %}");
        assertEquals("<s>[user] Hello</s>[assistant]", template.render(HELLO, ChatOptions.DEFAULT));
    }

    @Test
    void tellsTheYear() throws IOException {
        String year = template("{{ strftime_now('%Y') }}").render(HELLO, ChatOptions.DEFAULT);
        assertTrue(year.matches("20\\d\\d"), year);
    }

    @Test
    void doesNotRunWhatAUserWrites() throws IOException {
        ChatTemplate template = template("{% set c = messages[0]['content'] %}{{ c }}");
        String attack = "{{ 7 * 7 }}{% raw %}{{ raise_exception('x') }}";
        assertEquals(attack, template.render(turn("user", attack), ChatOptions.DEFAULT));
    }

    @Test
    void takesTheDefaultOfAList() throws IOException {
        Files.writeString(
                dir.resolve("tokenizer_config.json"),
                "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"T\"},"
                        + " {\"name\": \"default\", \"template\": \"D\"}]}");
        assertEquals("D", CheckpointChatTemplate.load(dir).render(HELLO, ChatOptions.DEFAULT));
    }

    @Test
    void prefersTheTemplatesOwnFile() throws IOException {
        template("from the config");
        Files.writeString(dir.resolve("chat_template.jinja"), "from the file");
        assertEquals(
                "from the file",
                CheckpointChatTemplate.load(dir).render(HELLO, ChatOptions.DEFAULT));
    }

    @Test
    void saysWhereATemplateIsExpected() throws IOException {
        Files.writeString(dir.resolve("tokenizer_config.json"), "{}");
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> CheckpointChatTemplate.load(dir));
        assertTrue(e.getMessage().contains("field chat_template is missing"), e.getMessage());
    }

    @Test
    void namesAMissingOrBrokenTokenizer() throws IOException {
        CheckpointException missing =
                assertThrows(CheckpointException.class, () -> CheckpointTokenizer.load(dir));
        assertTrue(missing.getMessage().endsWith("tokenizer.json: no such file"));
        Files.writeString(dir.resolve("tokenizer.json"), "{\"model\": {\"vocab\": {\"a\": 0}}}");
        CheckpointException broken =
                assertThrows(CheckpointException.class, () -> CheckpointTokenizer.load(dir));
        assertTrue(broken.getMessage().contains("tokenizer.json: the tokenizer cannot be loaded"));
    }
}
