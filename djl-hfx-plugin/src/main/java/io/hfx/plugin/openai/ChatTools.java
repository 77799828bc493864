package io.hfx.plugin.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code tools} and {@code tool_choice}. The chat template can put tools into the prompt, but
 * how a model writes a call is its own affair, and nothing here makes tool calls of its text: so
 * tools are taken only with {@code tool_choice: "none"}, which asks for text. Stateless.
 */
final class ChatTools {
    private static final int MOST = 128;
    private static final String TEXT_ONLY =
            "this server answers with the model's text and makes no tool calls of it";

    private ChatTools() {}

    /** The tools for the template, or null where there are none. */
    static @Nullable ArrayNode read(Fields body) {
        JsonNode choice = body.value("tool_choice").orElse(null);
        String mode = choice == null ? "" : choice.asText();
        JsonNode tools = body.value("tools").orElse(null);
        if (choice != null && !mode.matches("none|auto")) {
            throw unsupported("tool_choice", "tool_choice must be none or auto: " + TEXT_ONLY);
        }
        if (tools == null || (tools.isArray() && tools.isEmpty())) {
            return null;
        }
        if (!(tools instanceof ArrayNode array) || tools.size() > MOST) {
            throw Fields.wrongType("tools", "an array of at most " + MOST + " tools");
        }
        for (int i = 0; i < array.size(); i++) {
            check(Fields.of(array.get(i), "tools[" + i + "]"));
        }
        if (!mode.equals("none")) {
            String param = choice == null ? "tools" : "tool_choice";
            throw unsupported(param, "tools need tool_choice none: " + TEXT_ONLY);
        }
        return array;
    }

    private static RuntimeException unsupported(String param, String message) {
        return Fields.unsupported(param, "unsupported_value", message);
    }

    private static void check(Fields tool) {
        functionType(tool);
        Fields function = Fields.of(tool.required("function"), tool.path("function"));
        function.requiredText("name");
        function.text("description");
        function.object("parameters");
        function.flag("strict");
        function.rejectOthers();
        tool.rejectOthers();
    }

    /** The type of a tool or of a call, which must be function. */
    static String functionType(Fields tool) {
        String type = tool.requiredText("type");
        if (!type.equals("function")) {
            throw unsupported(
                    tool.path("type"),
                    tool.path("type") + " must be function: no others are known");
        }
        return type;
    }
}
