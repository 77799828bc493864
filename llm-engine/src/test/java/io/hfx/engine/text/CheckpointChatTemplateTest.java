package io.hfx.engine.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.hfx.engine.checkpoint.CheckpointException;
import io.hfx.engine.sample.SampleFixture;
import io.hfx.engine.text.ChatTemplate.ChatTemplateException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
    void saysWhatIsWrongWithATemplate() {
        CheckpointException e =
                assertThrows(
                        CheckpointException.class,
                        () -> template("{{ messages }}\n{% for x in %}"));
        assertTrue(
                e.getMessage()
                        .endsWith(
                                "tokenizer_config.json: field chat_template, line 2: expected an"
                                        + " expression, found '%}'"),
                e.getMessage());
    }

    @Test
    void refusesWhatTheEngineDoesNotKnowInsteadOfRenderingNothing() throws IOException {
        ChatTemplate template = template("a\n{{ messages[0]['content'].no_such_method() }}");
        assertEquals(
                "chat template, line 2: 'str object' has no attribute 'no_such_method'",
                refusal(template, ChatOptions.DEFAULT));
    }

    private static String refusal(ChatTemplate template, ChatOptions options) {
        ChatTemplateException e =
                assertThrows(ChatTemplateException.class, () -> template.render(HELLO, options));
        return String.valueOf(e.getMessage());
    }

    @Test
    void endsATemplateThatRunsOrGrowsWithoutEnd() throws IOException {
        assertTrue(
                refusal(
                                template(
                                        "{% for a in range(99999) %}{% for b in range(99999)"
                                                + " %}{% endfor %}{% endfor %}"),
                                ChatOptions.DEFAULT)
                        .endsWith("the template needs more than 5000000 steps"));
        assertTrue(
                refusal(
                                template(
                                        "{% set n = namespace(x='x') %}{% for a in range(99) %}{%"
                                                + " set n.x = n.x + n.x %}{% endfor %}"),
                                ChatOptions.DEFAULT)
                        .endsWith("characters"));
        assertTrue(
                refusal(template("{{ 'x' * 999999999999 }}"), ChatOptions.DEFAULT)
                        .endsWith("characters"));
        assertTrue(
                refusal(
                                template("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"),
                                ChatOptions.DEFAULT)
                        .endsWith("too deeply"));
        assertThrows(
                CheckpointException.class,
                () -> template("{{ " + "(".repeat(200_000) + "1" + ")".repeat(200_000) + " }}"));
    }

    @Test
    void takesVariablesButNotTheNamesOfFields() throws IOException {
        ChatTemplate template = template("{{ enable_thinking }}{{ tools }}{{ bos_token }}");
        assertEquals(
                "FalseNone<s>",
                template.render(HELLO, variables("enable_thinking", BooleanNode.FALSE)));
        assertEquals("None!", template.render(HELLO, variables("bos_token", new TextNode("!"))));
        assertEquals(
                "chat_template_kwargs cannot set messages, which has a field of its own",
                refusal(template, variables("messages", BooleanNode.FALSE)));
    }

    private static ChatOptions variables(String name, JsonNode value) {
        return new ChatOptions(true, null, null, Map.of(name, value));
    }

    @Test
    void takesTheTemplateForToolsWhereThereIsOne() throws IOException {
        ArrayNode tools = new ObjectMapper().createArrayNode();
        tools.addObject().put("type", "function");
        ChatOptions withTools = new ChatOptions(true, tools, null, Map.of());
        template("from the config");
        Files.writeString(dir.resolve("chat_template.jinja"), "plain");
        Path additional = Files.createDirectory(dir.resolve("additional_chat_templates"));
        Files.writeString(additional.resolve("tool_use.jinja"), "{{ tools }}");
        ChatTemplate template = CheckpointChatTemplate.load(dir);
        assertEquals("plain", template.render(HELLO, ChatOptions.DEFAULT));
        assertEquals("[{'type': 'function'}]", template.render(HELLO, withTools));
        Files.delete(dir.resolve("chat_template.jinja"));
        assertEquals(
                "the model has the chat templates [tool_use], but none named default",
                refusal(CheckpointChatTemplate.load(dir), ChatOptions.DEFAULT));
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
        Files.writeString(
                dir.resolve("tokenizer.json"),
                "{\"model\": {\"vocab\": {\"a\": 0}}, \"decoder\": {\"type\": \"ByteLevel\"}}");
        CheckpointException broken =
                assertThrows(CheckpointException.class, () -> CheckpointTokenizer.load(dir));
        assertTrue(broken.getMessage().contains("tokenizer.json: the tokenizer cannot be loaded"));
    }
}
