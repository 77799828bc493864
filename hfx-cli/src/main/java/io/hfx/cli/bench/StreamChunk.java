package io.hfx.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * What one event of an OpenAI stream tells a stop watch.
 *
 * @param hasText whether it carries output text
 * @param maybeToken whether it may carry a token without text (as a token that ends within a
 *     character does); never true of a chunk with only the role or only the finish reason
 * @param promptTokens as counted by the server; -1 where it does not say
 * @param completionTokens so far, as counted by the server; -1 where it does not say
 * @param error the server's message; empty where there is none
 */
record StreamChunk(
        boolean hasText, boolean maybeToken, int promptTokens, int completionTokens, String error) {
    private static final ObjectMapper JSON = JsonMapper.builder().build();

    /** Reads the data of an event; what is not JSON is an error of the server. */
    static StreamChunk parse(String data) {
        JsonNode root;
        try {
            root = JSON.readTree(data);
        } catch (JsonProcessingException e) {
            return failed("malformed event");
        }
        JsonNode error = root.path("error");
        if (!error.isMissingNode() && !error.isNull()) {
            return failed(error.path("message").asText(error.toString()));
        }
        boolean text = false;
        boolean maybe = false;
        for (JsonNode choice : root.path("choices")) {
            JsonNode delta = choice.path("delta");
            text |= !content(choice, delta).isEmpty();
            maybe |= delta.path("role").isMissingNode() && !choice.hasNonNull("finish_reason");
        }
        JsonNode usage = root.path("usage");
        return new StreamChunk(
                text,
                maybe,
                usage.path("prompt_tokens").asInt(-1),
                usage.path("completion_tokens").asInt(-1),
                "");
    }

    private static String content(JsonNode choice, JsonNode delta) {
        if (choice.path("text").isTextual()) {
            return choice.path("text").textValue();
        }
        // Reasoning models stream their thoughts in a field of their own: they are output too.
        String thoughts = delta.path("reasoning_content").asText("");
        return delta.path("content").asText(thoughts);
    }

    private static StreamChunk failed(String message) {
        return new StreamChunk(false, false, -1, -1, message);
    }
}
