package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.hfx.engine.text.ChatOptions;
import io.hfx.engine.text.ChatTemplate;
import io.hfx.engine.text.ChatTemplate.ChatTemplateException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a chat request gives to the chat template, and the text that comes of it.
 *
 * @param messages as templates take them
 * @param options tools, documents and variables
 * @param continued whether the text ends inside the last message, which the model then goes on with
 */
record ChatPrompt(ArrayNode messages, ChatOptions options, boolean continued) {
    private static final int VARIABLES = 64;
    private static final int DOCUMENTS = 1024;
    private static final Set<String> RESERVED =
            Set.of("messages", "tools", "documents", "add_generation_prompt");

    static ChatPrompt read(Fields body) {
        ArrayNode messages = ChatMessages.read(body);
        boolean continued = body.flag("continue_final_message");
        boolean open = body.flag("add_generation_prompt", !continued);
        if (continued && open) {
            throw Fields.bad(
                    "add_generation_prompt",
                    "add_generation_prompt must be false where continue_final_message is true");
        }
        ChatOptions options =
                new ChatOptions(open, ChatTools.read(body), documents(body), variables(body));
        return new ChatPrompt(messages, options, continued);
    }

    private static @Nullable ArrayNode documents(Fields body) {
        JsonNode documents = body.value("documents").orElse(null);
        if (documents == null || (documents.isArray() && documents.isEmpty())) {
            return null;
        }
        if (documents instanceof ArrayNode array && array.size() <= DOCUMENTS) {
            for (int i = 0; i < array.size(); i++) {
                Fields.of(array.get(i), "documents[" + i + "]");
            }
            return array;
        }
        throw Fields.wrongType("documents", "an array of at most " + DOCUMENTS + " objects");
    }

    private static Map<String, JsonNode> variables(Fields body) {
        String name = "chat_template_kwargs";
        JsonNode object = body.value(name).orElse(null);
        if (object == null) {
            return Map.of();
        }
        if (!object.isObject() || object.size() > VARIABLES) {
            throw Fields.wrongType(name, "an object of at most " + VARIABLES + " fields");
        }
        Map<String, JsonNode> variables = new HashMap<>();
        for (Map.Entry<String, JsonNode> each : object.properties()) {
            if (RESERVED.contains(each.getKey())) {
                throw Fields.bad(
                        name + "." + each.getKey(),
                        each.getKey() + " must be stated as a field of its own");
            }
            variables.put(each.getKey(), each.getValue());
        }
        return variables;
    }

    /** The prompt's text; refuses what the template has no place for. */
    String render(ChatTemplate template) {
        String text = render(template, options);
        if (options.tools() != null) {
            mustMatter(template, text, "tools", null, options.documents());
        }
        if (options.documents() != null) {
            mustMatter(template, text, "documents", options.tools(), null);
        }
        return continued ? upToTheLastWord(text) : text;
    }

    private String render(ChatTemplate template, ChatOptions with) {
        try {
            return template.render(messages, with);
        } catch (ChatTemplateException e) {
            throw Fields.bad("messages", "The chat template refused: " + e.getMessage());
        }
    }

    private void mustMatter(
            ChatTemplate template,
            String text,
            String field,
            @Nullable ArrayNode tools,
            @Nullable ArrayNode documents) {
        ChatOptions without =
                new ChatOptions(
                        options.addGenerationPrompt(), tools, documents, options.variables());
        if (render(template, without).equals(text)) {
            throw Fields.unsupported(
                    field,
                    "unsupported_parameter",
                    field + " is not supported: this model's chat template has no place for it");
        }
    }

    /** Cuts off what the template writes after the last message's text. */
    private String upToTheLastWord(String text) {
        int last = messages.size() - 1;
        String path = "messages[" + last + "]";
        JsonNode message = messages.get(last);
        String content = message.path("content").asText("");
        if (!message.path("role").asText().equals("assistant") || content.isBlank()) {
            throw Fields.bad(
                    path, path + " must be the assistant's and have text, for it is to go on");
        }
        int at = text.lastIndexOf(content.strip());
        if (at < 0) {
            throw Fields.bad(path, "The chat template does not write " + path + " as it is");
        }
        String tail = content.stripLeading();
        return text.substring(
                0, at + (text.startsWith(tail, at) ? tail : content.strip()).length());
    }
}
