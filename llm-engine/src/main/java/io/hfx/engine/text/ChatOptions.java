package io.hfx.engine.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request tells a chat template besides its messages.
 *
 * @param addGenerationPrompt whether the text ends where the assistant begins to speak
 * @param tools the tools' JSON schemas as the OpenAI API states them ({@code {"type": "function",
 *     "function": {...}}}), or null
 * @param documents for templates that know retrieved documents, or null
 * @param variables further variables by name, for example {@code enable_thinking}: the request's
 *     {@code chat_template_kwargs}; they may not be named as the ones above, or {@code messages}
 */
public record ChatOptions(
        boolean addGenerationPrompt,
        @Nullable ArrayNode tools,
        @Nullable ArrayNode documents,
        Map<String, JsonNode> variables) {
    /** With the generation prompt and nothing else. */
    public static final ChatOptions DEFAULT = new ChatOptions(true, null, null, Map.of());

    public ChatOptions {
        variables = Map.copyOf(variables);
    }
}
