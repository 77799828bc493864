package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the messages of a chat request into the form that chat templates take: content as one text,
 * the arguments of tool calls as objects. Stateless.
 */
final class ChatMessages {
    static final int MOST = 4096;
    private static final int TOOL_CALLS = 128;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Set<String> PLAIN_ROLES = Set.of("system", "developer", "user");
    private static final String ROLES = "system, developer, user, assistant or tool";

    private ChatMessages() {}

    static ArrayNode read(Fields body) {
        JsonNode list = body.required("messages");
        if (!list.isArray() || list.isEmpty() || list.size() > MOST) {
            throw Fields.wrongType("messages", "an array of 1 to " + MOST + " messages");
        }
        ArrayNode messages = NODES.arrayNode(list.size());
        for (int i = 0; i < list.size(); i++) {
            Fields message = Fields.of(list.get(i), "messages[" + i + "]");
            messages.add(read(message, message.requiredText("role")));
            message.rejectOthers();
        }
        return messages;
    }

    private static ObjectNode read(Fields message, String role) {
        ObjectNode turn = NODES.objectNode();
        if (PLAIN_ROLES.contains(role)) {
            turn.put("role", role.equals("developer") ? "system" : role);
            turn.put("content", content(message, message.required("content"), false));
        } else if (role.equals("assistant")) {
            assistant(message, turn);
        } else if (role.equals("tool")) {
            turn.put("role", role);
            turn.put("content", content(message, message.required("content"), false));
            turn.put("tool_call_id", message.requiredText("tool_call_id"));
        } else {
            throw Fields.bad(message.path("role"), message.path("role") + " must be " + ROLES);
        }
        message.text("name").ifPresent(name -> turn.put("name", name));
        return turn;
    }

    private static void assistant(Fields message, ObjectNode turn) {
        turn.put("role", "assistant");
        String text =
                message.value("content").map(node -> content(message, node, true)).orElse(null);
        String refusal = message.text("refusal").orElse(null);
        if (refusal != null) {
            text = text == null ? refusal : text + refusal;
        }
        Optional<ArrayNode> calls = toolCalls(message);
        if (text == null && calls.isEmpty()) {
            throw Fields.missing(message.path("content"));
        }
        turn.put("content", text);
        calls.ifPresent(list -> turn.set("tool_calls", list));
        message.text("reasoning_content")
                .ifPresent(reasoning -> turn.put("reasoning_content", reasoning));
        onlyEmpty(message, "annotations", "this server does not search");
        onlyEmpty(message, "audio", "this server takes text only");
        onlyEmpty(message, "function_call", "it is deprecated; state tool_calls");
    }

    /** What answers carry and clients send back with them. */
    private static void onlyEmpty(Fields message, String name, String reason) {
        message.value(name)
                .filter(value -> !value.isEmpty())
                .ifPresent(
                        value -> {
                            String path = message.path(name);
                            throw Fields.unsupported(
                                    path,
                                    "unsupported_parameter",
                                    path + " is not supported: " + reason);
                        });
    }

    /** A string, or parts of text, which are joined. */
    private static String content(Fields message, JsonNode content, boolean refusals) {
        String path = message.path("content");
        if (content.isTextual()) {
            return content.textValue();
        }
        if (!content.isArray() || content.isEmpty()) {
            throw Fields.wrongType(path, "a string or an array of text parts");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            Fields part = Fields.of(content.get(i), path + "[" + i + "]");
            String type = part.requiredText("type");
            if (!type.equals("text") && !(refusals && type.equals("refusal"))) {
                throw Fields.unsupported(
                        part.path("type"),
                        "unsupported_value",
                        part.path("type") + " must be text: this server takes text only");
            }
            text.append(part.requiredText(type));
            part.object("prompt_cache_breakpoint");
            part.rejectOthers();
        }
        return text.toString();
    }

    private static Optional<ArrayNode> toolCalls(Fields message) {
        JsonNode list = message.value("tool_calls").orElse(null);
        if (list == null || (list.isArray() && list.isEmpty())) {
            return Optional.empty();
        }
        String path = message.path("tool_calls");
        if (!list.isArray() || list.size() > TOOL_CALLS) {
            throw Fields.wrongType(path, "an array of at most " + TOOL_CALLS + " tool calls");
        }
        ArrayNode calls = NODES.arrayNode(list.size());
        for (int i = 0; i < list.size(); i++) {
            calls.add(toolCall(Fields.of(list.get(i), path + "[" + i + "]")));
        }
        return Optional.of(calls);
    }

    private static ObjectNode toolCall(Fields call) {
        ObjectNode out = NODES.objectNode();
        out.put("id", call.requiredText("id"));
        out.put("type", ChatTools.functionType(call));
        Fields function = Fields.of(call.required("function"), call.path("function"));
        ObjectNode inner = out.putObject("function");
        inner.put("name", function.requiredText("name"));
        String arguments = function.requiredText("arguments");
        inner.set(
                "arguments",
                arguments.isBlank()
                        ? NODES.objectNode()
                        : Fields.parseInside(arguments, function.path("arguments")));
        function.rejectOthers();
        call.rejectOthers();
        return out;
    }
}
