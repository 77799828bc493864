package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.hfx.engine.text.ChatTemplate;
import io.hfx.engine.text.ChatTemplate.ChatTemplateException;
import io.hfx.engine.text.ChatTemplate.Message;
import io.hfx.plugin.config.RequestLimits;
import io.hfx.plugin.service.ServedModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The body of {@code /v1/chat/completions}. */
final class ChatParser implements RequestParser {
    private static final int MESSAGES = 4096;
    private static final Set<String> ROLES = Set.of("system", "developer", "user", "assistant");

    @Override
    public ParsedRequest parse(byte[] bytes, ServedModel model, RequestLimits limits) {
        Fields body = Fields.parse(bytes);
        Parameters parameters = Parameters.read(body, true, model, limits);
        Harmless.chat(body);
        List<Message> messages = messages(body);
        body.rejectOthers();
        RequestParser.checkModel(parameters.model(), model);
        ChatTemplate template = model.chatTemplate();
        if (template == null) {
            throw Fields.bad("messages", "This model has no chat template: use /v1/completions");
        }
        int[] prompt = model.tokenizer().encode(render(template, messages), false);
        RequestParser.checkPrompt("messages", prompt, model, limits);
        int rest = model.maxSequenceTokens() - prompt.length;
        return new ParsedRequest(
                parameters, List.of(prompt), Math.min(rest, limits.outputTokens()));
    }

    private static String render(ChatTemplate template, List<Message> messages) {
        try {
            return template.render(messages);
        } catch (ChatTemplateException e) {
            throw Fields.bad("messages", "The chat template refused: " + e.getMessage());
        }
    }

    private static List<Message> messages(Fields body) {
        JsonNode list =
                body.value("messages")
                        .filter(JsonNode::isArray)
                        .filter(array -> !array.isEmpty() && array.size() <= MESSAGES)
                        .orElseThrow(
                                () ->
                                        Fields.bad(
                                                "messages",
                                                "messages must be an array of 1 to "
                                                        + MESSAGES
                                                        + " messages"));
        List<Message> messages = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            messages.add(message(Fields.of(list.get(i), "messages[" + i + "]")));
        }
        return messages;
    }

    private static Message message(Fields fields) {
        String role = fields.text("role").orElse("");
        if (!ROLES.contains(role)) {
            throw Fields.bad(
                    fields.path("role"),
                    fields.path("role") + " must be system, developer, user or assistant");
        }
        String content = content(fields);
        fields.text("name");
        fields.text("refusal");
        fields.rejectOthers();
        return new Message(role.equals("developer") ? "system" : role, content);
    }

    /** A string, or parts of type text, which are joined. */
    private static String content(Fields fields) {
        String path = fields.path("content");
        JsonNode content =
                fields.value("content")
                        .orElseThrow(() -> Fields.bad(path, path + " must be stated"));
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray() || content.isEmpty()) {
            throw Fields.bad(path, path + " must be a string or an array of text parts");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            Fields part = Fields.of(content.get(i), path + "[" + i + "]");
            if (!part.text("type").orElse("").equals("text")) {
                throw Fields.bad(part.path("type"), part.path("type") + " must be text");
            }
            text.append(
                    part.text("text")
                            .orElseThrow(
                                    () ->
                                            Fields.bad(
                                                    part.path("text"),
                                                    part.path("text") + " must be stated")));
            part.rejectOthers();
        }
        return text.toString();
    }
}
